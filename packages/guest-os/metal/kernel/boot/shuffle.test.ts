import { memoryMap } from "@mercury/abi";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Boot, type Extent, image, imageMark, kernelEnd, type Machine, none } from "../../../src/testing/boot.ts";

const { chunkSize, zoneBase, pageSize } = memoryMap;
const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
/** Low memory ends and memory goes on (src/testing/boot.ts: the loader's map). */
const hole: Extent = { start: 0x9_f000, end: megabyte };

let boot: Boot;
beforeAll(async () => {
  boot = await Boot.start();
});

const chunks = (ram: number): number => Math.ceil(ram / chunkSize);
const p2m = (ram: number): number[] => Array.from({ length: chunks(ram) }, (_, chunk) => boot.call("machineChunk", chunk));
const machineOf = (address: number): number =>
  boot.call("machineChunk", Math.floor(address / chunkSize)) * chunkSize + (address % chunkSize);

/** Whether a page of the machine is memory. */
function isMemory(page: number, ram: number): boolean {
  return page + pageSize <= ram && (page + pageSize <= hole.start || page >= hole.end);
}

/** Each page of an extent, by its place in the machine. */
function places({ start, end }: Extent): number[] {
  const first = start - (start % pageSize);
  return Array.from({ length: Math.ceil((end - first) / pageSize) }, (_, index) => machineOf(first + index * pageSize));
}

/** Bytes of an extent as they lie in the machine, page by page. */
function holds(extent: Extent, byte: number): boolean {
  for (let at = extent.start; at < extent.end; ) {
    const end = Math.min(extent.end, at - (at % pageSize) + pageSize);
    const place = machineOf(at);
    if (!boot.machineBytes({ start: place, end: place + (end - at) }).every((found) => found === byte)) return false;
    at = end;
  }
  return true;
}

function check({ ram, vmm, disk, modules }: Machine): void {
  const order = p2m(ram);
  expect(order.toSorted((a, b) => a - b)).toEqual(order.map((_, chunk) => chunk));
  expect(order.filter((machine, chunk) => machine === chunk)).toEqual([]);
  expect(Array.from(boot.directMap().subarray(0, order.length), (slot) => slot >>> 22)).toEqual(order);
  expect(holds(image, imageMark)).toBe(true);
  for (const [index, blob] of [vmm, disk, ...modules].entries()) expect(holds(blob, index + 1)).toBe(true);
  const reserve = boot.call("reserve");
  const needed = [{ start: megabyte, end: kernelEnd }, { start: zoneBase, end: boot.call("zoneEnd") }];
  if (reserve !== 0) needed.push({ start: reserve, end: reserve + chunkSize });
  for (const extent of needed) expect(places(extent).filter((page) => !isMemory(page, ram))).toEqual([]);
  let managed = 0;
  for (let page = 0; page < ram; page += pageSize) {
    if (boot.call("isManaged", page) === 0) continue;
    managed++;
    if (!isMemory(machineOf(page), ram)) expect.unreachable(`page ${page.toString(16)} is no memory`);
  }
  expect(managed).toBe(boot.call("freeFrameCount"));
}

const after = (start: number, bytes: number): Extent => ({ start, end: start + bytes });
const plain = (ram: number): Machine => ({ ram, vmm: after(0x29_0000, 300_000), disk: after(0x2f_0000, 400_000), modules: [] });

describe("shuffled memory", () => {
  test("every chunk goes elsewhere with what was loaded in it, and what needs memory lies on memory", () => {
    const size = fc.integer({ min: 1, max: 3000 * kilobyte });
    const machine = fc.record({
      seed: fc.integer({ min: 0, max: 0xffff_ffff }),
      pages: fc.integer({ min: (28 * megabyte) / pageSize, max: (40 * megabyte) / pageSize }),
      sizes: fc.array(size, { minLength: 2, maxLength: 5 }),
      vmm: fc.boolean(),
    });
    fc.assert(
      fc.property(machine, ({ seed, pages, sizes, vmm }) => {
        let at = 0x29_0000;
        const extents = sizes.map((bytes) => {
          const extent = after(at, bytes);
          at = Math.ceil(extent.end / pageSize) * pageSize;
          return extent;
        });
        const [first = none, disk = none, ...modules] = extents;
        const described = { ram: pages * pageSize, vmm: vmm ? first : none, disk, modules };
        expect(boot.divide(described, seed)).toBe(true);
        check(described);
      }),
      { numRuns: 60 },
    );
  });

  test.each([16, 20, 24, 32, 40])("%i MB are enough, whatever the seed", (size) => {
    for (let seed = 0; seed < 20; seed++) {
      expect([seed, boot.divide(plain(size * megabyte), seed)]).toEqual([seed, true]);
      check(plain(size * megabyte));
    }
  });

  test("16 MB whose last pages are missing have one order: the hole goes to the end, the kernel to what has none", () => {
    const machine = plain(16 * megabyte - 0x2_0000);
    expect(boot.divide(machine, 5)).toBe(true);
    check(machine);
    expect(p2m(machine.ram)).toEqual([3, 2, 1, 0]);
  });

  test("a seed decides the order, and another one another order", () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 50; seed++) {
      for (let again = 0; again < 2; again++) boot.divide(plain(40 * megabyte), seed);
      const order = p2m(40 * megabyte).join();
      boot.divide(plain(40 * megabyte), seed);
      expect(p2m(40 * megabyte).join()).toBe(order);
      orders.add(order);
    }
    expect(orders.size).toBe(50);
  });

  test("memory that is full of what was loaded is refused", () => {
    const disk = after(0x2f_0000, 13 * megabyte);
    expect(boot.divide({ ram: 16 * megabyte, vmm: none, disk, modules: [] }, 1)).toBe(false);
  });
});
