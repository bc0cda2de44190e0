import { memoryMap } from "@mercury/abi";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Boot, type Extent, kernelEnd, largest, type Machine, none } from "../../../src/testing/boot.ts";

const { chunkSize, zoneBase, pageSize } = memoryMap;
const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

function apart(extents: readonly Extent[]): boolean {
  const sorted = extents.filter(({ start, end }) => end > start).toSorted((a, b) => a.start - b.start);
  return sorted.every(({ end }, index) => end <= (sorted[index + 1]?.start ?? Number.POSITIVE_INFINITY));
}

/** What must hold of every machine with enough memory. */
function check(boot: Boot, { ram, modules }: Machine): void {
  const zone = { start: zoneBase, end: boot.call("zoneEnd") };
  const start = boot.call("reserve");
  const reserve = { start, end: start === 0 ? 0 : start + chunkSize };
  const blobs = Array.from({ length: 2 + modules.length }, (_, index) => boot.blob(index));
  expect(apart([{ start: 0, end: kernelEnd }, zone, reserve, ...blobs])).toBe(true);
  expect(start === 0 || (start % chunkSize === 0 && start + chunkSize <= ram)).toBe(true);
  blobs.forEach((blob, index) => expect(boot.bytes(blob).every((byte) => byte === index + 1)).toBe(true));
  // The VMM's image is copied before frames are given away, so it need not be kept.
  const kept = [{ start: 0, end: kernelEnd }, zone, reserve, ...blobs.slice(1)].filter(({ end, start: first }) => end > first);
  for (const { start: first, end } of kept) {
    for (let page = first - (first % pageSize); page < end; page += pageSize) expect(boot.call("isManaged", page)).toBe(0);
  }
  expect(boot.call("freeFrameCount")).toBe(boot.call("managedFrameCount"));
}

const after = (start: number, bytes: number): Extent => ({ start, end: start + bytes });

let boot: Boot;
beforeAll(async () => {
  boot = await Boot.start();
});

describe("memory at boot", () => {
  test("whatever the loader put where, the kernel, the zone, the reserve and the blobs lie apart, and no blob loses a byte", () => {
    const size = fc.integer({ min: 1, max: 1200 * kilobyte });
    const gap = fc.integer({ min: 0, max: 2000 }).map((pages) => pages * pageSize);
    const machine = fc.record({ ram: fc.integer({ min: 20, max: largest }), sizes: fc.array(fc.tuple(gap, size), { minLength: 2, maxLength: 5 }), vmm: fc.boolean() });
    fc.assert(
      fc.property(machine, ({ ram, sizes, vmm }) => {
        let at = 0x29_0000;
        const extents = sizes.map(([distance, bytes], index) => {
          if (index > 1) at += distance;
          const extent = after(at, bytes);
          at = Math.ceil(extent.end / pageSize) * pageSize;
          return extent;
        });
        const [first = none, disk = none, ...modules] = extents;
        const fits = modules.filter(({ end }) => end <= ram * megabyte - 3 * megabyte);
        const described = { ram: ram * megabyte, vmm: vmm ? first : none, disk, modules: fits };
        expect(boot.divide(described)).toBe(true);
        check(boot, described);
      }),
      { numRuns: 60 },
    );
  });

  test("16 MB whose last page is missing are enough: the reserve then lies in the middle", () => {
    const machine = { ram: 16 * megabyte - 0x2_0000, vmm: after(0x29_0000, 300_000), disk: after(0x2f_0000, 400_000), modules: [] };
    expect(boot.divide(machine)).toBe(true);
    expect(boot.call("reserve")).toBe(2 * chunkSize);
    check(boot, machine);
    expect(boot.call("freeFrameCount")).toBeGreaterThan(700);
  });

  test("12 MB are refused", () => {
    expect(boot.divide({ ram: 12 * megabyte - 0x1_0000, vmm: none, disk: none, modules: [] })).toBe(false);
  });
});
