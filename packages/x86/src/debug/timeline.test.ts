import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockwork, count, counters } from "../../test/clockwork.ts";
import { diskContents, diskTraffic, trafficSectors, turns } from "../../test/disk-traffic.ts";
import { AttachedDisk } from "../disk/attached.ts";
import type { Disk } from "../disk/disk.ts";
import { memoryDisk, MemoryStorage } from "../disk/memory.ts";
import { overlayDisk } from "../disk/overlay.ts";
import { createMachine } from "../machine.ts";
import { crc32 } from "../snapshot/crc32.ts";
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

const blank = (): Uint8Array => new Uint8Array(trafficSectors * 512);
const all = (timeline: Timeline): unknown => [seen(timeline), ...diskContents(timeline.machine).map((contents) => crc32(contents))];

/** Runs and visits alone, of a machine whose guest writes to its disk. */
const move = fc.oneof(
  fc.record({ kind: fc.constant("run" as const), count: fc.integer({ min: 1, max: 300_000 }) }),
  fc.record({ kind: fc.constant("visit" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

describe.each<[string, () => Disk]>([
  ["in memory", () => memoryDisk(blank())],
  ["under an overlay", () => overlayDisk(memoryDisk(blank(), true), new MemoryStorage())],
])("the past of a disk %s", (_, make) => {
  test("is what it was, at every position that can be visited", () => {
    const options = { interval: fc.integer({ min: 20_000, max: 300_000 }), overwritten: fc.constantFrom(100_000, 1 << 30) };
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), fc.record(options), (moves, { interval, overwritten }) => {
        const timeline = new Timeline(diskTraffic({ disks: [{ disk: make() }] }), { interval, overwritten, checkpoints: 6 });
        const known = new Map<number, unknown>([[0, all(timeline)]]);
        for (const happened of moves) {
          if (happened.kind === "run") timeline.run(happened.count);
          else {
            const places = [...known.keys()].filter((place) => place >= timeline.start);
            timeline.visit(places[Math.floor(happened.part * (places.length - 1))] ?? timeline.start);
          }
          const before = known.get(timeline.position);
          if (before === undefined) known.set(timeline.position, all(timeline));
          else expect(all(timeline)).toEqual(before);
        }
      }),
      { numRuns: 8 },
    );
  });
});

test("what a guest has flushed in its past is in the storage, and what it did afterwards is not", () => {
  const storage = new MemoryStorage();
  const timeline = new Timeline(diskTraffic({ disks: [{ disk: overlayDisk(memoryDisk(blank(), true), storage) }] }), { interval: 200_000 });
  timeline.run(700_000);
  const [then] = diskContents(timeline.machine);
  const turn = turns(timeline.machine);
  timeline.run(1_000_000);
  expect(turns(timeline.machine)).toBeGreaterThan(turn);
  timeline.visit(700_000);
  timeline.machine.disks[0]?.flush();
  const found = new AttachedDisk({ disk: overlayDisk(memoryDisk(blank(), true), storage) }, 0);
  const contents = blank();
  found.read(0, contents);
  expect(crc32(contents)).toBe(crc32(then ?? blank()));
});

test("a past of much overwriting begins later, instead of taking more memory", () => {
  const timeline = new Timeline(diskTraffic({ disks: [{ disk: memoryDisk(blank()) }] }), { overwritten: 64 << 10 });
  for (let part = 0; part < 20; part++) timeline.run(300_000);
  expect(timeline.start).toBeGreaterThan(0);
  expect(timeline.start).toBeLessThan(6_000_000);
  const state = all(timeline);
  timeline.visit(timeline.start);
  timeline.run(6_000_000 - timeline.position);
  expect(all(timeline)).toEqual(state);
});
