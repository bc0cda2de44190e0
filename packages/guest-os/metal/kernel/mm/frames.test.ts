import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryUnderTest } from "../../../src/testing/memory.ts";

const pageSize = 4096;
const orders = 4;

describe("the frame allocator", () => {
  test("hands out blocks that are aligned, do not overlap and all come back", async () => {
    const memory = await MemoryUnderTest.start(512);
    const all = memory.call("freeFrameCount");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(1000)), { maxLength: 120 }), (steps) => {
        const held = new Map<number, number>();
        for (const [take, choice] of steps) {
          if (take) holdBlock(memory, held, choice % orders);
          else releaseAny(memory, held, choice);
        }
        for (const block of held.keys()) memory.call("releaseFrame", block);
        // Everything has joined again: the largest block is there as before.
        expect(memory.call("freeFrameCount")).toBe(all);
      }),
    );
  });

  test("keeps a frame until the last reference is gone", async () => {
    const memory = await MemoryUnderTest.start(256);
    const before = memory.call("freeFrameCount");
    const frame = memory.call("allocateFrames", 0);
    memory.call("holdFrame", frame);
    memory.call("releaseFrame", frame);
    expect(memory.call("frameReferences", frame)).toBe(1);
    expect(memory.call("freeFrameCount")).toBe(before - 1);
    memory.call("releaseFrame", frame);
    expect(memory.call("freeFrameCount")).toBe(before);
  });

  test("answers 0 when nothing is left, and does not count frames that it does not manage", async () => {
    const memory = await MemoryUnderTest.start(64);
    const free = memory.call("freeFrameCount");
    for (let taken = 0; taken < free; taken++) expect(memory.call("allocateFrames", 0)).not.toBe(0);
    expect(memory.call("allocateFrames", 0)).toBe(0);
    memory.call("holdFrame", 0x1000);
    memory.call("releaseFrame", 0x1000);
    expect(memory.call("frameReferences", 0x1000)).toBe(0);
    expect(memory.call("freeFrameCount")).toBe(0);
  });
});

function holdBlock(memory: MemoryUnderTest, held: Map<number, number>, order: number): void {
  const block = memory.call("allocateFrames", order);
  if (block === 0) return;
  const size = pageSize << order;
  expect(block % size).toBe(0);
  for (const [start, length] of held) expect(block + size <= start || start + length <= block).toBe(true);
  held.set(block, size);
}

function releaseAny(memory: MemoryUnderTest, held: Map<number, number>, choice: number): void {
  const block = [...held.keys()][choice % Math.max(held.size, 1)];
  if (block === undefined) return;
  memory.call("releaseFrame", block);
  held.delete(block);
}

describe("kernel objects", () => {
  test("are zeroed, apart from one another, and leave no page behind", async () => {
    const memory = await MemoryUnderTest.start(512);
    const before = memory.call("freeFrameCount");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 9000 }), fc.boolean()), { maxLength: 60 }), (sizes) => {
        const held: { at: number; size: number; mark: number }[] = [];
        sizes.forEach(([size, keep], index) => {
          const at = memory.call("allocate", size) >>> 0;
          expect(at % 16).toBe(0);
          expect(memory.bytes(at, size).every((byte) => byte === 0)).toBe(true);
          const mark = (index % 250) + 1;
          memory.bytes(at, size).fill(mark);
          if (keep) held.push({ at, size, mark });
          else memory.call("release", at);
        });
        for (const { at, size, mark } of held) expect(memory.bytes(at, size).every((byte) => byte === mark)).toBe(true);
        for (const { at } of held) memory.call("release", at);
        expect(memory.call("freeFrameCount")).toBe(before);
      }),
      { numRuns: 60 },
    );
  });
});
