import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { I8042 } from "./controller.ts";

let resets = 0;
let lines = { keyboard: false, mouse: false };
let chip: I8042;

beforeEach(() => {
  resets = 0;
  lines = { keyboard: false, mouse: false };
  chip = make();
});

const make = (): I8042 =>
  new I8042(() => resets++, { keyboard: (level) => (lines.keyboard = level), mouse: (level) => (lines.mouse = level) });
const command = (value: number, ...data: readonly number[]): void => {
  chip.write(4, 1, value);
  for (const each of data) chip.write(0, 1, each);
};

/** Reads until the output buffer is empty: bytes of the mouse are 100h and more. */
function drain(): number[] {
  const values: number[] = [];
  for (let state = chip.read(4, 1); (state & 1) !== 0; state = chip.read(4, 1))
    values.push(chip.read(0, 1) + ((state & 0x20) !== 0 ? 0x100 : 0));
  return values;
}

describe("the PS/2 controller", () => {
  test("tests itself and its two ports", () => {
    for (const test of [0xaa, 0xab, 0xa9]) command(test);
    expect(drain()).toEqual([0x55, 0, 0]);
  });

  test("keeps its mode and the rest of its memory", () => {
    command(0x60, 0x47);
    command(0x65, 0x99);
    command(0x20);
    command(0x25);
    expect(drain()).toEqual([0x47, 0x99]);
  });

  test("loops bytes back as if they came from the devices", () => {
    command(0x60, 0x07);
    command(0xd3, 0xa5);
    expect([lines, chip.read(4, 1) & 0x21]).toEqual([{ keyboard: false, mouse: true }, 0x21]);
    command(0xd2, 0x5a);
    expect(drain()).toEqual([0x1a5, 0x5a]);
    expect(lines).toEqual({ keyboard: false, mouse: false });
  });

  test("resets the processor by a pulse and by its output port, and gates address line 20", () => {
    command(0xfe);
    command(0xd1, 0xdd);
    command(0xd0);
    expect((drain()[0] ?? 0) & 3).toBe(1);
    command(0xd1, 0xfe);
    expect(resets).toBe(2);
  });
});

describe("the keyboard", () => {
  test("resets, identifies itself translated or not, echoes", () => {
    chip.write(0, 1, 0xff);
    chip.write(0, 1, 0xf2);
    expect(drain()).toEqual([0xfa, 0xaa, 0xfa, 0xab, 0x41]);
    command(0x60, 0x01);
    chip.write(0, 1, 0xf2);
    chip.write(0, 1, 0xee);
    expect(drain()).toEqual([0xfa, 0xab, 0x83, 0xee]);
  });

  test("each byte is an interrupt of its own", () => {
    chip.write(0, 1, 0xff);
    expect(lines.keyboard).toBe(true);
    chip.read(0, 1);
    expect(lines.keyboard).toBe(true);
    chip.read(0, 1);
    expect(lines.keyboard).toBe(false);
  });

  test("takes parameters, refuses what it does not know", () => {
    for (const value of [0xed, 0x07, 0xf0, 0x00, 0xf3, 0x20, 0xe1]) chip.write(0, 1, value);
    expect(drain()).toEqual([0xfa, 0xfa, 0xfa, 0xfa, 0x41, 0xfa, 0xfa, 0xfe]);
  });

  test("waits while its clock is off", () => {
    chip.write(0, 1, 0xee);
    chip.read(0, 1);
    chip.write(0, 1, 0xee);
    drain();
    command(0xad);
    expect(drain()).toEqual([]);
  });
});

test("the mouse resets, identifies itself, tells its settings", () => {
  for (const value of [0xff, 0xf2, 0xf3, 40, 0xe8, 3, 0xe9]) command(0xd4, value);
  expect(drain().map((value) => value - 0x100)).toEqual([0xfa, 0xaa, 0, 0xfa, 0, 0xfa, 0xfa, 0xfa, 0xfa, 0xfa, 0, 3, 40]);
});

test("whatever is written, reading comes to an end, and state survives save and restore", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(0, 4), fc.nat(255)), { maxLength: 80 }), (writes) => {
      chip = make();
      for (const [offset, value] of writes) chip.write(offset, 1, value);
      const other = make();
      other.restore(other.shape.check(chip.save(), "keyboard"));
      expect(other.save()).toEqual(chip.save());
      expect(drain().length).toBeLessThan(200);
    }),
  );
});
