import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockwork, count, counters, entries } from "../../test/clockwork.ts";
import { r } from "../../test/assemble.ts";
import { Guest, place } from "../../test/guest.ts";
import type { CpuDebug } from "../layer.ts";
import type { Machine } from "../machine.ts";
import { peekTranslation } from "../mmu/peek.ts";
import { at } from "../state/layout.ts";
import { Inspector } from "./inspect.ts";

function debugOf(machine: Machine): CpuDebug {
  if (machine.debug === undefined) throw new Error("the interpreter can be debugged");
  return machine.debug;
}

describe("breakpoints", () => {
  test("every arrival is seen, before the instruction begins", () => {
    const machine = clockwork();
    debugOf(machine).setBreakpoints([entries.loop, entries.timer]);
    const seen = { loop: 0, timer: 0 };
    for (let stops = 0; stops < 500; stops++) {
      expect(machine.run(1_000_000).reason).toBe("breakpoint");
      const { eip } = machine.registers;
      expect([entries.loop, entries.timer]).toContain(eip);
      const at = eip === entries.loop ? "loop" : "timer";
      expect(count(machine, counters[at])).toBe(seen[at]);
      seen[at]++;
      debugOf(machine).setBreakpoints([]);
      machine.run(1);
      debugOf(machine).setBreakpoints([entries.loop, entries.timer]);
    }
    expect(seen.timer).toBeGreaterThan(20);
  });

  test("change nothing in what runs", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: entries.loop, max: entries.rtc + 20 }), { maxLength: 4 }), (places) => {
        const free = clockwork();
        const watched = clockwork();
        debugOf(watched).setBreakpoints(places);
        const goal = 60_000;
        for (let left = goal; left > 0; left = goal - watched.counters.instructions) {
          if (watched.run(left).reason !== "breakpoint") break;
          debugOf(watched).setBreakpoints([]);
          watched.run(1);
          debugOf(watched).setBreakpoints(places);
        }
        free.run(goal);
        expect([watched.registers, watched.counters, watched.memoryHash()]).toEqual([free.registers, free.counters, free.memoryHash()]);
      }),
      { numRuns: 10 },
    );
  });

  test("are met by the linear address, though the code was decoded under another", () => {
    const guest = new Guest();
    const alias = 0x18_0000;
    guest.page();
    guest.map(alias, place.code | 7);
    guest.load([["inc", r("eax")], ["inc", r("ebx")], ["inc", r("ecx")], ["hlt"]]);
    const inspector = new Inspector(guest.processor.core, guest.processor.blocks);
    guest.processor.engine.run(4);
    inspector.setBreakpoints([alias + 1]);
    guest.processor.core.state.set(at.activity, 0);
    guest.processor.core.state.set(at.eip, place.code);
    expect(guest.processor.engine.run(4)).not.toBe("breakpoint");
    guest.processor.core.state.set(at.activity, 0);
    guest.processor.core.state.set(at.eip, alias);
    expect(guest.processor.engine.run(4)).toBe("breakpoint");
    expect(guest.processor.core.state.get(at.eip)).toBe(alias + 1);
  });
});

describe("memory and registers", () => {
  test("are read and written by linear address, and code that is overwritten is decoded anew", () => {
    const machine = clockwork();
    machine.run(5000);
    const debug = debugOf(machine);
    const before = debug.readLinear(entries.loop, 1);
    expect(debug.writeLinear(entries.loop, Uint8Array.of(0xf4))).toBe(true);
    expect(debug.readLinear(entries.loop, 1)).toEqual(Uint8Array.of(0xf4));
    expect(before).not.toEqual(Uint8Array.of(0xf4));
    debug.setRegister("eip", entries.loop);
    const turns = count(machine, counters.loop);
    machine.run(1);
    expect(count(machine, counters.loop)).toBe(turns);
  });

  test("end at the first page that is not there", () => {
    const machine = clockwork();
    const debug = debugOf(machine);
    const end = machine.ram.length;
    expect(debug.readLinear(end - 16, 64).length).toBe(16);
    expect(debug.writeLinear(end - 16, new Uint8Array(64).fill(1))).toBe(false);
    expect(machine.ram.at(-1)).toBe(0);
  });

  test("translations leave no trace", () => {
    const guest = new Guest();
    guest.page();
    guest.map(0x18_0000, place.data | 7);
    const before = guest.processor.core.memory.ram.slice();
    expect(peekTranslation(guest.processor.core, 0x18_0123)).toBe(place.data + 0x123);
    expect(peekTranslation(guest.processor.core, 0x7000_0000)).toBeUndefined();
    expect(Buffer.compare(guest.processor.core.memory.ram, before)).toBe(0);
  });

  test("flags are set but for VM; what is no number is refused", () => {
    const machine = clockwork();
    const debug = debugOf(machine);
    expect(debug.setRegister("eflags", 0x0002_0ad7)).toBe(true);
    expect(machine.registers.eflags).toBe(0x0000_0ad7);
    expect(debug.setRegister("cr0", 0)).toBe(false);
    expect(debug.setRegister("constructor", 0)).toBe(false);
  });
});
