import { describe, expect, test } from "vitest";
import { assemble, i, type Line, r } from "../test/assemble.ts";
import { flatKernel } from "../test/flat-kernel.ts";
import { createMachine, type Machine } from "./machine.ts";

const out = (port: number, value: number): Line[] => [
  ["mov", r("dx"), i(port)],
  ["mov", r("al"), i(value)],
  ["out", r("dx"), r("al")],
];

/** A machine with a kernel of the given lines. */
function machineWith(lines: readonly Line[]): Machine {
  const machine = createMachine({ memory: 2 << 20, icount: true });
  machine.load({ image: flatKernel(assemble(lines)) });
  return machine;
}

describe("run", () => {
  test("comes back from a processor that nothing wakes while a timer ticks", () => {
    // The timer at some 18 Hz, and HLT with interrupts off.
    const machine = machineWith([["cli"], ...out(0x43, 0x34), ...out(0x40, 0), ...out(0x40, 0), ["hlt"]]);
    const first = machine.run(1_000_000);
    expect(first).toEqual({ reason: "idle", wait: expect.any(Number) });
    expect(machine.counters.instructions).toBe(11);
    const { now } = machine;
    expect(now).toBeGreaterThan(1e9);
    expect(machine.run(1_000_000).reason).toBe("idle");
    expect(machine.now).toBeGreaterThan(now);
  });

  test("to Infinity runs until the machine ends", () => {
    expect(machineWith(out(0xf4, 7)).run(Number.POSITIVE_INFINITY)).toEqual({ reason: "exit", code: 7 });
  });

  test("of no number is refused", () => {
    const machine = machineWith([["hlt"]]);
    expect(() => machine.run(Number.NaN)).toThrow("run(NaN): a number of instructions is wanted");
  });

  test("of a fraction leaves it out", () => {
    const machine = machineWith([[0xeb, 0xfe]]);
    expect(machine.run(10.9)).toEqual({ reason: "count" });
    expect(machine.counters.instructions).toBe(10);
  });
});
