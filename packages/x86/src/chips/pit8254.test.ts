import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../clock/manual.ts";
import { Pit8254, pitHertz } from "./pit8254.ts";

const tick = 1e9 / pitHertz;
let clock: ManualClock;
let edges: number[];
let level: boolean;
let pit: Pit8254;

beforeEach(() => {
  clock = new ManualClock();
  edges = [];
  level = true;
  const watch = (now: boolean): void => {
    if (now && !level) edges.push(Math.round(clock.now() / tick));
    level = now;
  };
  pit = new Pit8254(clock, [watch, () => {}, () => {}]);
});

function load(counter: number, control: number, count: number): void {
  pit.write(3, 1, (counter << 6) | 0x30 | control);
  pit.write(counter, 1, count & 0xff);
  pit.write(counter, 1, count >> 8);
}

function count(counter: number): number {
  pit.write(3, 1, counter << 6);
  return pit.read(counter, 1) | (pit.read(counter, 1) << 8);
}

const ticks = (number: number): void => clock.advance(number * tick);

describe("8254", () => {
  test("mode 2 pulses once per period, for ever", () => {
    load(0, 0x04, 100);
    ticks(1000.5);
    expect(edges).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
  });

  test("a clock that jumps over several periods swallows no edge", () => {
    load(0, 0x04, 100);
    clock.jump(350 * tick);
    expect(edges).toHaveLength(3);
    clock.jump(100 * tick);
    expect(edges).toHaveLength(4);
    ticks(200);
    expect(edges).toHaveLength(6);
  });

  test("after a long pause the last hundred periods are made up for, and the phase is kept", () => {
    load(0, 0x04, 100);
    clock.jump(1_000_010 * tick);
    expect(edges.length).toBeGreaterThanOrEqual(100);
    expect(edges.length).toBeLessThanOrEqual(102);
    edges = [];
    ticks(240.5);
    expect(edges).toEqual([1_000_100, 1_000_200]);
  });

  test("mode 3 rises once per period, half of it high", () => {
    load(0, 0x06, 101);
    ticks(60);
    expect(level).toBe(false);
    ticks(350);
    expect(edges).toEqual([101, 202, 303, 404]);
  });

  test("mode 0 rises once, at the terminal count", () => {
    load(0, 0x00, 50);
    expect(level).toBe(false);
    ticks(49);
    expect(level).toBe(false);
    ticks(500);
    expect(edges).toEqual([50]);
  });

  test("a count of zero is 65536", () => {
    load(0, 0x04, 0);
    ticks(65_537);
    expect(edges).toEqual([65_536]);
  });

  test("a latched count stays while the counter runs, low byte first", () => {
    load(0, 0x04, 0x1234);
    ticks(0x34);
    pit.write(3, 1, 0x00);
    ticks(0x100);
    expect(pit.read(0, 1) | (pit.read(0, 1) << 8)).toBe(0x1200);
    expect(count(0)).toBe(0x1100);
  });

  test("read-back latches status: OUT, null count, access mode and mode", () => {
    load(0, 0x04, 100);
    pit.write(3, 1, 0xe2);
    expect(pit.read(0, 1)).toBe(0xb4);
    pit.write(3, 1, 0x30);
    pit.write(3, 1, 0xe2);
    expect(pit.read(0, 1)).toBe(0x70);
  });

  test("BCD counts in decimal digits", () => {
    load(0, 0x05, 0x1000);
    ticks(1);
    expect(count(0)).toBe(0x0999);
  });

  test("counter 2 counts while its gate is high: mode 0 measures time", () => {
    load(2, 0x00, 1000);
    ticks(2000);
    expect(pit.speaker).toBe(false);
    pit.setGate(true);
    ticks(999);
    expect(pit.speaker).toBe(false);
    ticks(1.5);
    expect(pit.speaker).toBe(true);
  });

  test("state survives save and restore", () => {
    load(0, 0x04, 100);
    ticks(30);
    const state = structuredClone(pit.save());
    pit.reset();
    pit.restore(state);
    ticks(75);
    expect(edges.at(-1)).toBe(100);
  });
});
