import { errno } from "@mercury/abi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MemoryUnderTest } from "../../../src/testing/memory.ts";

const page = 4096;
const base = 0x2000_0000;
const read = 1;
const write = 2;
const shared = 8;

describe("an address space", () => {
  test("reads zeros where nothing was written, and refuses what is not mapped or not allowed", async () => {
    const memory = await MemoryUnderTest.start(256);
    const space = memory.call("newSpace");
    expect(memory.call("map", space, base, 2 * page, read | write)).toBe(base);
    expect(memory.call("loadByte", space, base + 5)).toBe(0);
    expect(memory.call("storeByte", space, base + page, 7)).toBe(0);
    expect(memory.call("loadByte", space, base + page)).toBe(7);
    expect(memory.call("loadByte", space, base + 2 * page)).toBe(-errno.EFAULT);
    expect(memory.call("protect", space, base, page, read)).toBe(0);
    expect(memory.call("storeByte", space, base, 1)).toBe(-errno.EFAULT);
    expect(memory.call("storeByte", space, base + page, 9)).toBe(0);
  });

  test("hands out ranges from the top, apart from one another", async () => {
    const memory = await MemoryUnderTest.start(256);
    const space = memory.call("newSpace");
    const first = memory.call("map", space, 0, 3 * page, read) >>> 0;
    const second = memory.call("map", space, 0, page, read | write) >>> 0;
    expect(second + page).toBe(first);
  });

  test("grows and shrinks its break, and forgets what lay above it", async () => {
    const memory = await MemoryUnderTest.start(256);
    const space = memory.call("newSpace");
    const start = memory.call("moveBreak", space, 0);
    expect(memory.call("moveBreak", space, start + 5000)).toBe(start + 5000);
    memory.call("storeByte", space, start + 4999, 3);
    expect(memory.call("moveBreak", space, start + 100)).toBe(start + 100);
    expect(memory.call("loadByte", space, start + 4999)).toBe(-errno.EFAULT);
    memory.call("moveBreak", space, start + 5000);
    expect(memory.call("loadByte", space, start + 4999)).toBe(0);
  });

  test("answers ENOMEM when frames run out, and gives all back at its end", async () => {
    const memory = await MemoryUnderTest.start(128);
    const free = memory.call("freeFrameCount");
    const tables = memory.call("freeTableCount");
    const space = memory.call("newSpace");
    memory.call("map", space, base, 4096 * page, read | write);
    let error = 0;
    for (let index = 0; error === 0 && index < 4096; index++) error = memory.call("storeByte", space, base + index * page, 1);
    expect(error).toBe(-errno.ENOMEM);
    memory.call("endSpace", space);
    expect(memory.call("freeFrameCount")).toBe(free);
    expect(memory.call("freeTableCount")).toBe(tables);
  });
});

/** What a program would see: bytes by address, of mapped pages; pages of a shared mapping are one object for all. */
interface Model {
  readonly space: number;
  readonly pages: Map<number, { rights: number; bytes: Map<number, number> }>;
}

const pages = 5;
/** Bytes of a page that are written and read: few, so that writers meet. */
const offsets = 2;
const step = fc.record({
  kind: fc.constantFrom("map", "mapShared", "unmap", "protect", "store", "store", "store", "store", "load", "load", "fork", "fork", "exit"),
  who: fc.nat(3),
  from: fc.nat(pages - 1),
  count: fc.integer({ min: 1, max: 3 }),
  offset: fc.nat(offsets - 1),
  value: fc.nat(255),
});
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

describe("spaces that fork", () => {
  test("part at the first write of either, not before", async () => {
    const memory = await MemoryUnderTest.start(256);
    const parent = memory.call("newSpace");
    memory.call("map", parent, base, page, read | write);
    memory.call("storeByte", parent, base, 1);
    const child = memory.call("copySpace", parent);
    const free = memory.call("freeFrameCount");
    expect(memory.call("loadByte", child, base)).toBe(1);
    expect(memory.call("freeFrameCount")).toBe(free);
    expect(memory.call("storeByte", child, base, 2)).toBe(0);
    expect(memory.call("freeFrameCount")).toBe(free - 1);
    expect(memory.call("storeByte", parent, base, 3)).toBe(0);
    expect(memory.call("freeFrameCount")).toBe(free - 1);
    expect(memory.call("loadByte", child, base)).toBe(2);
    expect(memory.call("loadByte", parent, base)).toBe(3);
  });

  test("see their own bytes only, share what they share, and leave no frame behind", async () => {
    const memory = await MemoryUnderTest.start(1024);
    const free = memory.call("freeFrameCount");
    const tables = memory.call("freeTableCount");
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 100 }), (steps) => {
        const models: Model[] = [{ space: memory.call("newSpace"), pages: new Map() }];
        for (const each of steps) perform(memory, models, each);
        for (const model of models) checkAll(memory, model);
        for (const { space } of models) memory.call("endSpace", space);
        expect(memory.call("freeFrameCount")).toBe(free);
        expect(memory.call("freeTableCount")).toBe(tables);
      }),
      { numRuns: 150 },
    );
  });
});

function perform(memory: MemoryUnderTest, models: Model[], { kind, who, from, count, offset, value }: Step): void {
  const model = models[who % models.length];
  if (model === undefined) return;
  const last = Math.min(from + count, pages);
  const address = base + from * page;
  const length = (last - from) * page;
  switch (kind) {
    case "map":
    case "mapShared": {
      const rights = read | write | (kind === "mapShared" ? shared : 0);
      expect(memory.call("map", model.space, address, length, rights)).toBe(address);
      for (let index = from; index < last; index++) model.pages.set(index, { rights, bytes: new Map() });
      return;
    }
    case "unmap":
      expect(memory.call("unmap", model.space, address, length)).toBe(0);
      for (let index = from; index < last; index++) model.pages.delete(index);
      return;
    case "protect":
      protect(memory, model, from, last, value % 2 === 0 ? read : read | write);
      return;
    case "store":
      storeAt(memory, model, from, offset, value);
      return;
    case "load":
      expect(memory.call("loadByte", model.space, address + offset)).toBe(expectedByte(model, from, offset));
      return;
    case "fork":
      if (models.length < 4) models.push({ space: memory.call("copySpace", model.space), pages: copyPages(model) });
      return;
    case "exit":
      if (models.length > 1) {
        memory.call("endSpace", model.space);
        models.splice(models.indexOf(model), 1);
      }
      return;
  }
}

function protect(memory: MemoryUnderTest, model: Model, from: number, last: number, rights: number): void {
  const covered = Array.from({ length: last - from }, (_, index) => model.pages.get(from + index));
  const result = memory.call("protect", model.space, base + from * page, (last - from) * page, rights);
  if (covered.includes(undefined)) {
    expect(result).toBe(-errno.ENOMEM);
    return;
  }
  expect(result).toBe(0);
  for (const each of covered) if (each !== undefined) each.rights = (each.rights & ~3) | rights;
}

function storeAt(memory: MemoryUnderTest, model: Model, index: number, offset: number, value: number): void {
  const target = model.pages.get(index);
  const allowed = target !== undefined && (target.rights & write) !== 0;
  expect(memory.call("storeByte", model.space, base + index * page + offset, value)).toBe(allowed ? 0 : -errno.EFAULT);
  if (allowed) target.bytes.set(offset, value);
}

function expectedByte(model: Model, index: number, offset: number): number {
  const target = model.pages.get(index);
  return target === undefined ? -errno.EFAULT : (target.bytes.get(offset) ?? 0);
}

function copyPages(model: Model): Model["pages"] {
  return new Map(
    [...model.pages].map(([index, { rights, bytes }]) => [index, { rights, bytes: (rights & shared) !== 0 ? bytes : new Map(bytes) }]),
  );
}

function checkAll(memory: MemoryUnderTest, model: Model): void {
  for (const index of model.pages.keys()) {
    for (let offset = 0; offset < offsets; offset++) {
      expect(memory.call("loadByte", model.space, base + index * page + offset)).toBe(expectedByte(model, index, offset));
    }
  }
}
