import { beforeEach, describe, expect, test } from "vitest";
import { IoApic } from "./io-apic.ts";
import type { InterruptMessage } from "./apic-message.ts";

const LEVEL = 0x8000;
const MASKED = 0x1_0000;
const EXTERNAL = 0x700;

let sent: InterruptMessage[] = [];
let external: boolean[] = [];
let accepts = true;
let chip: IoApic;

function select(number: number): void {
  chip.write(0, 4, number);
}
function entry(input: number, low: number, high = 0): void {
  select(0x11 + input * 2);
  chip.write(0x10, 4, high);
  select(0x10 + input * 2);
  chip.write(0x10, 4, low);
}
function low(input: number): number {
  select(0x10 + input * 2);
  return chip.read(0x10, 4);
}

beforeEach(() => {
  sent = [];
  external = [];
  accepts = true;
  chip = new IoApic({
    send: (message) => {
      sent.push(message);
      return accepts;
    },
    external: (level) => void external.push(level),
  });
  chip.reset();
});

test("tells its version and number of entries, all of them masked", () => {
  select(1);
  expect(chip.read(0x10, 4)).toBe(0x170011);
  expect(low(23)).toBe(MASKED);
  select(0xff);
  expect(chip.read(0x10, 4)).toBe(0);
});

describe("edge-triggered inputs", () => {
  test("send one message for each edge, to where the entry says", () => {
    entry(4, 0x841, 0x0300_0000);
    chip.setInput(4, true);
    chip.setInput(4, true);
    chip.setInput(4, false);
    chip.setInput(4, true);
    expect(sent).toEqual(
      Array.from({ length: 2 }, () => ({ vector: 0x41, mode: 0, destination: 3, logical: true, levelTriggered: false })),
    );
  });
  test("lose edges while masked", () => {
    chip.setInput(4, true);
    entry(4, 0x41);
    expect(sent).toEqual([]);
  });
});

describe("level-triggered inputs", () => {
  test("send again only after the end of the interrupt, while they are asserted", () => {
    entry(16, LEVEL | 0x61);
    chip.setInput(16, true);
    chip.setInput(16, false);
    chip.setInput(16, true);
    expect([sent.length, low(16)]).toEqual([1, LEVEL | 0x4061]);
    chip.endOfLevel(0x60);
    expect(sent.length).toBe(1);
    chip.endOfLevel(0x61);
    expect(sent.length).toBe(2);
    chip.setInput(16, false);
    chip.endOfLevel(0x61);
    expect([sent.length, low(16)]).toEqual([2, LEVEL | 0x61]);
  });
  test("wait while masked", () => {
    entry(16, LEVEL | MASKED | 0x61);
    chip.setInput(16, true);
    expect(sent).toEqual([]);
    entry(16, LEVEL | 0x61);
    expect(sent.length).toBe(1);
  });
  test("have no remote IRR when nobody took the message, nor once they are edge-triggered", () => {
    accepts = false;
    entry(16, LEVEL | 0x61);
    chip.setInput(16, true);
    expect(low(16)).toBe(LEVEL | 0x61);
    accepts = true;
    entry(16, LEVEL | 0x61);
    expect(low(16)).toBe(LEVEL | 0x4061);
    entry(16, 0x61);
    expect(low(16)).toBe(0x61);
  });
});

test("an input in ExtINT mode passes the 8259A's request on as a level", () => {
  entry(0, EXTERNAL);
  chip.setInput(0, true);
  expect(external.at(-1)).toBe(true);
  entry(0, EXTERNAL | MASKED);
  expect(external.at(-1)).toBe(false);
  expect(sent).toEqual([]);
});

test("saved state goes on where it was", () => {
  entry(16, LEVEL | 0x61);
  chip.setInput(16, true);
  const saved = chip.shape.check(structuredClone(chip.save()), "ioapic");
  chip.reset();
  chip.restore(saved);
  chip.endOfLevel(0x61);
  expect(sent.length).toBe(2);
});
