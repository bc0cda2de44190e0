import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccessSize } from "./device.ts";
import { MemoryBus, type MemoryRegion } from "./memory.ts";

/** Answers with its offset and remembers what was written. */
class Probe {
  readonly log: string[] = [];
  read(offset: number, size: AccessSize): number {
    this.log.push(`read ${offset}/${size}`);
    return 0x10 + offset;
  }
  write(offset: number, size: AccessSize, value: number): void {
    this.log.push(`write ${offset}/${size} ${value.toString(16)}`);
  }
}

const region = (base: number, length: number, width: AccessSize = 4, device = new Probe()): MemoryRegion & { device: Probe } => ({
  name: `probe ${base.toString(16)}`,
  base,
  length,
  width,
  device,
});

describe("the physical address space", () => {
  test("a region is reached by offset, not by address", () => {
    const bus = new MemoryBus();
    const apic = region(0xfee0_0000, 0x1000);
    bus.map(apic);
    expect(bus.read(0xfee0_0030, 4)).toBe(0x40);
    bus.write(0xfee0_00b0, 4, 0xffff_fff0);
    expect(apic.device.log).toEqual(["read 48/4", "write 176/4 fffffff0"]);
  });

  test("an access wider than the device, or over a region's end, is made in pieces", () => {
    const bus = new MemoryBus();
    const narrow = region(0x1000_0000, 4, 1);
    bus.map(narrow);
    bus.map(region(0x1000_0004, 2, 2));
    expect(bus.read(0x1000_0000, 4)).toBe(0x1312_1110);
    expect(bus.read(0x1000_0003, 2)).toBe(0x1013);
    expect(bus.read(0x1000_0005, 2)).toBe(0xff11);
    bus.write(0x1000_0002, 2, 0xabcd);
    expect(narrow.device.log.slice(-2)).toEqual(["write 2/1 cd", "write 3/1 ab"]);
  });

  test("holes read as ones and swallow writes", () => {
    const bus = new MemoryBus();
    expect(bus.read(0x8000_0000, 4)).toBe(0xffff_ffff);
    expect(bus.read(0xf_ffff_ffff, 4)).toBe(0xffff_ffff);
    expect(bus.read(0x8000_0000, 1)).toBe(0xff);
    expect(() => bus.write(0x8000_0000, 4, 1)).not.toThrow();
  });

  test("regions move", () => {
    const bus = new MemoryBus();
    const before = region(0xe000_0000, 0x100);
    bus.map(before);
    bus.unmap(before);
    bus.unmap(before);
    bus.map({ ...before, base: 0xe000_0080 });
    expect(bus.read(0xe000_0000, 1)).toBe(0xff);
    expect(bus.read(0xe000_0080, 1)).toBe(0x10);
  });

  test("overlaps and regions outside the space are refused by name", () => {
    const bus = new MemoryBus();
    bus.map(region(0xfec0_0000, 0x1000));
    expect(() => bus.map(region(0xfec0_0fff, 2))).toThrow(
      "memory 0xfec00fff to 0xfec01000 of probe fec00fff overlaps 0xfec00000 to 0xfec00fff of probe fec00000",
    );
    expect(bus.overlapping(0xfec0_0fff, 1)?.base).toBe(0xfec0_0000);
    expect(bus.overlapping(0xfec0_1000, 1)).toBeUndefined();
    expect(() => bus.map(region(0x1_0000, 0))).toThrow("is empty");
    expect(() => bus.map(region(2 ** 36 - 1, 2))).toThrow("36 bits");
  });

  test("every address leads to the one region that covers it", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 9 }))), (wanted) => {
        const bus = new MemoryBus();
        const kept: MemoryRegion[] = [];
        for (const [base, length] of wanted) {
          const candidate = region(base, length);
          if (bus.overlapping(base, length) !== undefined) continue;
          bus.map(candidate);
          kept.push(candidate);
        }
        for (let address = 0; address < 72; address++)
          expect(bus.at(address)).toBe(kept.find(({ base, length }) => address >= base && address < base + length));
      }),
      { seed: 4 },
    );
  });
});
