import { memoryMap } from "@mercury/abi";
import { metal, type MetalExports } from "@mercury/toolchain/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const { directMapBase, chunkSize, zoneBase, pageSize } = memoryMap;
const kilobyte = 1024;
const megabyte = 1024 * kilobyte;
const information = 0x9000;
const kernelEnd = 0x28_1234;
/** Megabytes of the largest machine. */
const largest = 40;

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** A machine's memory with what the loader put there; every blob is filled with its number. */
interface Machine {
  readonly ram: number;
  readonly vmm: Extent;
  readonly disk: Extent;
  readonly modules: readonly Extent[];
}

const none: Extent = { start: 0, end: 0 };

/** One instance for all machines: each division starts afresh. */
class Boot {
  private exports: MetalExports | undefined;
  private machine: Machine = { ram: 0, vmm: none, disk: none, modules: [] };

  static async start(): Promise<Boot> {
    const boot = new Boot();
    const at = (address: () => number) => (): number => directMapBase + address();
    const symbols = {
      "image.end": at(() => kernelEnd),
      vmm_image_start: at(() => boot.machine.vmm.start),
      vmm_image_end: at(() => boot.machine.vmm.end),
      ramdisk_start: at(() => boot.machine.disk.start),
      ramdisk_end: at(() => boot.machine.disk.end),
    };
    const pages = (directMapBase + largest * megabyte) / 0x1_0000;
    boot.exports = await metal("@mercury/guest-os/metal/testing/boot", root, { sym: symbols }, { pages });
    return boot;
  }

  /** Divides the memory of a machine: whether there is enough. */
  divide(machine: Machine): boolean {
    this.machine = machine;
    this.describe(machine);
    [machine.vmm, machine.disk, ...machine.modules].forEach((blob, index) => this.bytes(blob).fill(index + 1));
    return this.call("divide", information) === 1;
  }

  call(name: string, ...parameters: number[]): number {
    const found = this.exports?.[name];
    if (found === undefined) throw new Error(`metal/testing/boot.ts exports no ${name}`);
    return Number(found(...parameters) ?? 0) >>> 0;
  }

  bytes({ start, end }: Extent): Uint8Array {
    return new Uint8Array(this.buffer(), directMapBase + start, end - start);
  }

  blob(index: number): Extent {
    return { start: this.call("blobStart", index), end: this.call("blobEnd", index) };
  }

  private buffer(): ArrayBuffer {
    if (this.exports === undefined) throw new Error("the boot path under test is not started");
    return this.exports.memory.buffer;
  }

  /** Multiboot information with modules and a memory map: low memory, a hole for the BIOS, the rest. */
  private describe({ ram, modules }: Machine): void {
    const view = new DataView(this.buffer(), directMapBase + information, 0x800);
    const words = [(1 << 3) | (1 << 6), 0, 0, 0, 0, modules.length, information + 0x100, 0, 0, 0, 0, 72, information + 0x400];
    words.forEach((word, index) => view.setUint32(index * 4, word, true));
    modules.forEach(({ start, end }, index) => {
      view.setUint32(0x100 + index * 16, start, true);
      view.setUint32(0x104 + index * 16, end, true);
    });
    const map = [
      [0, 0x9_f000, 1],
      [0xf_0000, 0x1_0000, 2],
      [megabyte, ram - megabyte, 1],
    ] as const;
    map.forEach(([base, length, type], index) => {
      [20, base, 0, length, 0, type].forEach((word, field) => view.setUint32(0x400 + index * 24 + field * 4, word, true));
    });
  }
}

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
