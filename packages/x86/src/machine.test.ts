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

describe("load", () => {
  test("gives a second kernel the chips as firmware leaves them", () => {
    const sent: number[] = [];
    const machine = createMachine({ memory: 2 << 20, icount: true, transmit: (_, byte) => sent.push(byte) });
    // The first one leaves the divisor latch of COM1 open, and the timer running.
    machine.load({
      image: flatKernel(assemble([...out(0x3fb, 0x83), ...out(0x43, 0x34), ...out(0x40, 9), ...out(0x40, 0), ...out(0xf4, 1)])),
    });
    expect(machine.run(1000)).toEqual({ reason: "exit", code: 1 });
    machine.load({ image: flatKernel(assemble([...out(0x3f8, 65), ["cli"], ["hlt"]])) });
    expect(machine.run(1000)).toEqual({ reason: "idle", wait: Number.POSITIVE_INFINITY });
    expect(sent).toEqual([65]);
  });
});

describe("what no compiler has checked", () => {
  // The casts make what a JavaScript program may pass.
  const untyped = (options: object): unknown => createMachine({ memory: 2 << 20, ...options } as never);

  test.each([
    ["memory", { memory: 64 }, "memory of 64 bytes: whole megabytes"],
    ["memory", { memory: Number.NaN }, "memory of NaN bytes"],
    ["epoch", { epoch: Number.NaN }, "epoch of NaN"],
    ["epoch", { epoch: "2007-09-10" }, "epoch of 2007-09-10: milliseconds since 1970 are wanted"],
    ["hide", { hide: ["SSE3"] }, "hide: there is no feature SSE3; there are FPU, VME"],
  ])("is refused with what was wanted: %s", (_, options, message) => {
    expect(() => untyped(options)).toThrow(message);
  });

  test.each([
    [{ kernel: "vmlinuz" }, "load: kernel should be the bytes of a file (a Uint8Array), and is of type string"],
    [{ kernel: new Uint8Array(1), initrd: new Uint8Array(512) }, "load: initrd should be a list"],
    [{ kernel: new Uint8Array(1), initrd: ["initrd.gz"] }, "load: initrd[0] should be the bytes of a file"],
    [{ image: undefined }, "load: image should be the bytes"],
    [{ image: flatKernel([0xf4]), modules: [{ name: "m" }] }, "load: modules[0].contents should be the bytes"],
  ])("is refused by load: %j", (boot, message) => {
    expect(() => createMachine({ memory: 2 << 20 }).load(boot as never)).toThrow(message);
  });

  test("may be a part of a millisecond, which is left out", () => {
    const machine = createMachine({ memory: 2 << 20, epoch: 1234.5 });
    machine.restore(machine.save());
  });
});
