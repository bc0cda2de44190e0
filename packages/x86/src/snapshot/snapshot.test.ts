import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockwork, count, counters } from "../../test/clockwork.ts";
import { MachineError } from "../errors.ts";
import { createMachine, type Machine } from "../machine.ts";
import { at } from "../state/layout.ts";
import { pack, unpack } from "./container.ts";
import { describeSnapshot } from "./snapshot.ts";

/** Runs until `count` more instructions are retired, waking from HLT as often as it takes. */
function advance(machine: Machine, count: number): void {
  expect(machine.run(count).reason).toBe("count");
}

const everything = (machine: Machine): unknown => [machine.registers, machine.counters, machine.now, machine.memoryHash()];

describe("save and restore", () => {
  test("the clockwork kernel takes interrupts from both its sources", () => {
    const machine = clockwork();
    advance(machine, 2_000_000);
    for (const counter of Object.values(counters)) expect(count(machine, counter)).toBeGreaterThan(1000);
  });

  test("at any instant: the restored machine goes on as the saved one does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 1, max: 300_000 }), (before, after) => {
        const machine = clockwork();
        advance(machine, before);
        const restored = createMachine({ memory: 2 << 20, icount: true });
        restored.restore(machine.save());
        expect(everything(restored)).toEqual(everything(machine));
        advance(machine, after);
        advance(restored, after);
        expect(everything(restored)).toEqual(everything(machine));
        expect(restored.save()).toEqual(machine.save());
      }),
      { numRuns: 25 },
    );
  });

  test("a machine can go back to what it was", () => {
    const machine = clockwork();
    advance(machine, 100_000);
    const saved = machine.save();
    advance(machine, 50_000);
    const later = everything(machine);
    machine.restore(saved);
    advance(machine, 50_000);
    expect(everything(machine)).toEqual(later);
  });

  test("input that the guest has not read is part of it", () => {
    const machine = clockwork();
    machine.receive(0, new TextEncoder().encode("a long line that fills the FIFO"));
    const restored = createMachine({ memory: 2 << 20, icount: true });
    restored.restore(machine.save());
    expect(restored.save()).toEqual(machine.save());
  });

  test("says what machine it wants", () => {
    const machine = clockwork();
    advance(machine, 1234);
    const { processor, ...rest } = describeSnapshot(machine.save());
    expect(rest).toEqual({ memory: 2 << 20, icount: true, instructions: 1234, disks: [] });
    expect(processor).toContain("@mercury/x86/interpreter");
  });
});

/** What sets each number, word or truth in a tree of plain data. */
function leavesOf(tree: unknown): ((value: unknown) => void)[] {
  if (typeof tree !== "object" || tree === null || tree instanceof Uint8Array) return [];
  // What JSON gives: a record or a list, whose elements have names of digits.
  const branch = tree as Record<string, unknown>;
  return Object.keys(branch).flatMap((name) => {
    const inner = branch[name];
    if (typeof inner === "object" && inner !== null) return leavesOf(inner);
    return [(value: unknown): void => void (branch[name] = value)];
  });
}

describe("a snapshot that is none", () => {
  const saved = clockwork().save();
  const refused = (file: Uint8Array, reason: string, machine: Machine = clockwork()): void => {
    const before = [machine.registers, machine.memoryHash()];
    expect(() => machine.restore(file)).toThrow(MachineError);
    expect(() => machine.restore(file)).toThrow(reason);
    expect([machine.registers, machine.memoryHash()]).toEqual(before);
  };

  test("is refused with its reason, and changes nothing", () => {
    refused(new Uint8Array(0), "this is no snapshot");
    refused(new TextEncoder().encode("#!/bin/sh\necho a program, and not a snapshot\n"), "this is no snapshot");
    refused(saved.subarray(0, saved.length - 1), "damaged or cut short");
    const other = saved.slice();
    other[8] = 99;
    refused(other, "version 99");
    refused(saved, "memory of 2097152 bytes, and this one has 3145728 bytes", createMachine({ memory: 3 << 20, icount: true }));
    refused(saved, "time by instructions, and this one has the host's clock", createMachine({ memory: 2 << 20 }));
  });

  test("is refused wherever a byte is changed", () => {
    fc.assert(
      fc.property(fc.nat(saved.length - 1), fc.integer({ min: 1, max: 255 }), (index, change) => {
        const damaged = saved.slice();
        damaged[index] = (damaged[index] ?? 0) ^ change;
        expect(() => createMachine({ memory: 2 << 20, icount: true }).restore(damaged)).toThrow(MachineError);
      }),
      { numRuns: 100 },
    );
  });

  /** The snapshot with one leaf of its data replaced. */
  const forge = (change: (data: Forged) => void): Uint8Array => {
    // The test changes what it knows to be there.
    const data = unpack(saved.slice()) as Forged;
    change(data);
    return pack(data);
  };
  interface Forged {
    cpu: Uint8Array;
    ram: { present: Uint8Array };
    board: { chips: Record<string, Record<string, unknown>>; drivers: unknown };
  }

  test("is refused when it is whole but impossible, naming the place", () => {
    refused(
      forge(({ board }) => Object.assign(board.chips["pic1"] ?? {}, { lowest: 8 })),
      "board.chips.pic1.lowest should be a whole number from 0 to 7, and is 8",
    );
    refused(
      forge(({ board }) => Object.assign(board.chips["com1"] ?? {}, { line: "x" })),
      "board.chips.com1.line should be a list",
    );
    refused(
      forge(({ board }) => delete board.chips["rtc"]),
      "board.chips.rtc should be a record, and is nothing",
    );
    refused(
      forge(({ board }) => (board.drivers = [1])),
      "board.drivers should be a list of 16",
    );
    refused(
      forge(({ ram }) => ram.present.fill(0xff)),
      "pages",
    );
    refused(
      forge((data) => (data.cpu = data.cpu.subarray(0, -4))),
      "TLB",
    );
    refused(
      forge((data) => data.cpu.fill(0xff)),
      "of the processor is",
    );
    refused(
      // The upper half of the count of instructions (state/layout.ts, `limit`).
      forge((data) => (data.cpu = data.cpu.with(at.limit + 7, 0xa3))),
      "which is no number that it can have come to",
    );
    refused(
      forge((data) => Object.assign(data, { extra: 1 })),
      "without a field extra",
    );
  });

  test("from beyond the end of time is refused, or says so when it is run", () => {
    refused(
      forge((data) => Object.assign(data, { time: 1e300 })),
      "machine.time should be a whole number from 0 to",
    );
    const machine = clockwork();
    machine.restore(forge((data) => Object.assign(data, { time: Number.MAX_SAFE_INTEGER })));
    expect(() => machine.run(1000)).toThrow("the machine's time has come to 104 days");
  });

  test("with any numbers changed is refused by name, or runs", () => {
    const machine = clockwork();
    const strange = fc.oneof(
      fc.constantFrom<unknown>(-1, 0, 1, 0.5, 255, 256, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, null, true, "x", [], {}),
      fc.nat(0xffff_ffff),
    );
    const changes = fc.array(fc.tuple(fc.nat(), strange), { maxLength: 2 });
    const words = fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(0xff), fc.nat(0xffff_ffff))), { maxLength: 3 });
    let restored = 0;
    fc.assert(
      fc.property(changes, words, (leaves, state) => {
        const forged = forge((data) => {
          const places = leavesOf(data.board);
          for (const [number, value] of leaves) places[number % places.length]?.(value);
          const cpu = data.cpu.slice();
          for (const [number, value] of state) new DataView(cpu.buffer).setUint32((number % (cpu.length >> 2)) * 4, value, true);
          data.cpu = cpu;
        });
        try {
          machine.restore(forged);
          restored++;
          machine.run(2000);
        } catch (error) {
          // At the end of time, too, when that is what was changed.
          if (!(error instanceof MachineError)) throw error;
        }
      }),
      { seed: 5, numRuns: 300 },
    );
    expect(restored).toBeGreaterThan(20);
  });

  test("with deep nesting does not exhaust the host", () => {
    let data: unknown = 0;
    for (let depth = 0; depth < 100; depth++) data = [data];
    refused(pack(data), "nested too deeply");
  });
});
