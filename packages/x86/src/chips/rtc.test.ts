import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../clock/manual.ts";
import { Rtc } from "./rtc.ts";

const second = 1e9;
let clock: ManualClock;
let requests: number;
let rtc: Rtc;

beforeEach(() => {
  clock = new ManualClock();
  requests = 0;
  rtc = new Rtc(clock, (level) => (requests += level ? 1 : 0), Date.UTC(2007, 8, 10, 13, 59, 58), new Map([[0x15, 0x80]]));
});

function read(index: number): number {
  rtc.write(0, 1, index);
  return rtc.read(1, 1);
}

function write(index: number, value: number): void {
  rtc.write(0, 1, index);
  rtc.write(1, 1, value);
}

describe("MC146818", () => {
  test("the calendar follows machine time, in BCD", () => {
    clock.advance(3 * second);
    expect([9, 8, 7, 4, 2, 0].map(read)).toEqual([0x07, 0x09, 0x10, 0x14, 0x00, 0x01]);
    expect(read(0x32)).toBe(0x20);
  });

  test("binary and twelve-hour formats", () => {
    write(11, 0x06);
    expect([4, 2, 0].map(read)).toEqual([13, 59, 58]);
    write(11, 0x00);
    expect(read(4)).toBe(0x81);
  });

  test("a date that is set goes on from there", () => {
    write(9, 0x12);
    write(0, 0x00);
    clock.advance(2 * second);
    expect([read(9), read(0)]).toEqual([0x12, 0x02]);
  });

  test("the periodic interrupt comes at its rate, once per read of register C", () => {
    write(10, 0x2a); // rate 10: 64 Hz
    write(11, 0x42);
    let interrupts = 0;
    for (let step = 0; step < 1000; step++) {
      const before = requests;
      clock.advance(1e6);
      if (requests > before) interrupts++;
      if (requests > before) expect(read(12) & 0xc0).toBe(0xc0);
    }
    expect(interrupts).toBe(64);
  });

  test("a request stands until register C is read, and reading clears the flags", () => {
    write(11, 0x12);
    clock.advance(2.5 * second);
    expect(read(12)).toBe(0x90);
    expect(read(12)).toBe(0);
  });

  test("the alarm rings when all its cells match, and cells of 11xxxxxx match any value", () => {
    write(11, 0x22);
    write(1, 0x01);
    write(3, 0xff);
    write(5, 0xc0);
    clock.advance(2 * second);
    expect(read(12) & 0x20).toBe(0);
    clock.advance(second);
    expect(read(12) & 0xa0).toBe(0xa0);
  });

  test("cells that the board presets, and CMOS memory, keep what they hold", () => {
    expect(read(0x15)).toBe(0x80);
    write(0x40, 0x5a);
    expect(read(0x40)).toBe(0x5a);
    expect(read(13)).toBe(0x80);
  });
});
