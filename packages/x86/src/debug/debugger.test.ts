import { describe, expect, test } from "vitest";
import { clockwork, count, counters, entries } from "../../test/clockwork.ts";
import { Debugger } from "./debugger.ts";

const make = (): Debugger => new Debugger(clockwork(), { icount: true, interval: 5000, checkpoints: 8 });
const seen = ({ machine }: Debugger): unknown => [machine.registers, machine.counters, machine.now, machine.memoryHash()];

describe("under a debugger", () => {
  test("a run stops at every breakpoint, and goes on from it", () => {
    const session = make();
    session.breakpoints = new Set([entries.timer]);
    for (let ticks = 0; ticks < 30; ticks++) {
      expect(session.run(10_000_000).reason).toBe("breakpoint");
      expect(session.machine.registers.eip).toBe(entries.timer);
      expect(count(session.machine, counters.timer)).toBe(ticks);
      session.leave();
    }
  });

  test("a step goes over the interrupt that comes first", () => {
    const session = make();
    session.breakpoints = new Set([entries.loop]);
    session.run(10_000_000);
    session.breakpoints = new Set();
    let ticks = 0;
    for (let steps = 0; steps < 4000; steps++) {
      const before = count(session.machine, counters.timer) + count(session.machine, counters.rtc);
      session.step();
      const { eip } = session.machine.registers;
      expect(eip >= entries.loop && eip < entries.timer).toBe(true);
      ticks += count(session.machine, counters.timer) + count(session.machine, counters.rtc) - before;
    }
    expect(ticks).toBeGreaterThan(0);
  });

  test("steps back and forth meet the same states", () => {
    const session = make();
    session.run(23_456);
    const states: unknown[] = [];
    for (let steps = 0; steps < 40; steps++) {
      states.push(seen(session));
      session.run(1);
    }
    for (const state of states.toReversed()) {
      expect(session.stepBack().reason).toBe("count");
      expect(seen(session)).toEqual(state);
    }
  });

  test("going back finds the breakpoints in the opposite order, and the beginning", () => {
    const session = make();
    session.breakpoints = new Set([entries.timer, entries.rtc]);
    const stops: number[] = [];
    for (let number = 0; number < 12; number++) {
      session.run(10_000_000);
      stops.push(session.machine.counters.instructions);
      session.leave();
    }
    session.run(100);
    for (const position of stops.toReversed()) {
      expect(session.runBack().reason).toBe("breakpoint");
      expect(session.machine.counters.instructions).toBe(position);
    }
    expect(session.runBack().reason).toBe("beginning");
    expect(session.machine.counters.instructions).toBe(0);
    expect(session.stepBack().reason).toBe("beginning");
  });

  test("without instruction time there is no way back", () => {
    const session = new Debugger(clockwork({ icount: false }), { icount: false });
    session.run(1000);
    expect(() => session.stepBack()).toThrow("icount");
  });
});
