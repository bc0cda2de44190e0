import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockwork, count, counters } from "../../test/clockwork.ts";
import { createMachine } from "../machine.ts";
import { Timeline } from "./timeline.ts";

const seen = ({ machine }: Timeline): unknown => [machine.registers, machine.counters, machine.now, machine.memoryHash()];
const reads = (timeline: Timeline): number => timeline.machine.counters.instructions;

/** What one does with a timeline, in order. */
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("run" as const), count: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("visit" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("receive" as const), byte: fc.nat(255) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("poke" as const), value: fc.nat(0xffff) }) },
);

describe("a machine's past", () => {
  test("is what it was, at every position, with what was done to the machine", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 25 }), fc.integer({ min: 500, max: 9000 }), (events, interval) => {
        const timeline = new Timeline(clockwork(), { interval, checkpoints: 6 });
        /** States by position, as first seen; a change in the past forgets those after it. */
        const known = new Map<number, unknown>([[0, seen(timeline)]]);
        for (const happened of events) {
          const { position } = timeline;
          if (happened.kind === "run") timeline.run(happened.count);
          if (happened.kind === "visit") {
            const places = [...known.keys()];
            const place = places[Math.floor(happened.part * (places.length - 1))] ?? 0;
            timeline.visit(place);
            expect(timeline.position).toBe(place);
          }
          if (happened.kind === "receive") timeline.receive(0, Uint8Array.of(happened.byte));
          if (happened.kind === "poke") {
            timeline.intervene((machine) => machine.debug?.writeLinear(0x5000, new Uint8Array(new Uint16Array([happened.value]).buffer)));
            for (const later of known.keys()) if (later >= position) known.delete(later);
            if (!known.has(0)) known.set(0, seen(timeline));
            continue;
          }
          const before = known.get(timeline.position);
          if (before === undefined) known.set(timeline.position, seen(timeline));
          else expect(seen(timeline)).toEqual(before);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("begins where the timeline began", () => {
    const machine = clockwork();
    machine.run(5000);
    const timeline = new Timeline(machine, { interval: 1000 });
    timeline.run(5000);
    timeline.visit(0);
    expect(reads(timeline)).toBe(5000);
    expect(timeline.repeating).toBe(true);
  });

  test("holds input until the present is reached again", () => {
    const timeline = new Timeline(clockwork(), { interval: 1000 });
    timeline.run(20_000);
    timeline.visit(3000);
    timeline.receive(0, Uint8Array.of(1, 2, 3));
    timeline.run(16_999);
    expect(timeline.repeating).toBe(true);
    timeline.run(2);
    expect(timeline.repeating).toBe(false);
    const state = timeline.machine.saveState().board.chips["com1"];
    expect(state).toMatchObject({ received: [1], line: [2, 3] });
  });

  test("can be made different", () => {
    const timeline = new Timeline(clockwork(), { interval: 1000 });
    timeline.run(50_000);
    timeline.visit(10_000);
    timeline.intervene(({ ram }) => new DataView(ram.buffer, ram.byteOffset).setUint32(counters.loop, 1_000_000, true));
    timeline.run(40_000);
    expect(count(timeline.machine, counters.loop)).toBeGreaterThan(1_000_000);
    timeline.visit(9999);
    expect(count(timeline.machine, counters.loop)).toBeLessThan(1_000_000);
    timeline.run(100);
    expect(count(timeline.machine, counters.loop)).toBeGreaterThan(1_000_000 - 1);
  });

  test("needs time by instructions", () => {
    expect(() => new Timeline(createMachine({ memory: 1 << 20 }))).toThrow("icount");
  });
});
