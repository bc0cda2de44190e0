import { MachineError } from "../errors.ts";
import type { AccessSize, Device } from "./device.ts";

/** Physical addresses outside RAM at which a device answers. */
export interface MemoryRegion {
  /** What a person calls it, for errors and traces: `local apic`, `virtio-blk0 bar1`. */
  readonly name: string;
  /** First physical address, below 2^36 (SDM 3A 3.3). */
  readonly base: number;
  /** Bytes. */
  readonly length: number;
  /** Only the accesses are the bus's business. */
  readonly device: Pick<Device, "read" | "write">;
  /** Widest access that the device understands; a wider one is made in pieces at consecutive addresses. */
  readonly width: AccessSize;
}

/** Physical addresses have 36 bits: what CPUID leaf 80000008h tells. */
export const PHYSICAL_END: number = 2 ** 36;
const allOnes: Record<AccessSize, number> = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff };

/**
 * The physical address space outside RAM. Regions do not overlap and may come, go and move while the machine runs, as PCI base
 * address registers do; an address that no region covers reads as ones and swallows writes.
 */
export class MemoryBus {
  /** By base, ascending. */
  readonly #regions: MemoryRegion[] = [];

  /** Adds a region. Throws when it is empty, leaves the address space or overlaps another one. */
  map(region: MemoryRegion): void {
    if (!isWithinSpace(region))
      throw new MachineError("configuration", `memory of ${region.name} (${span(region)}) is empty or not within 36 bits of address`);
    const other = this.overlapping(region.base, region.length);
    if (other !== undefined)
      throw new MachineError("configuration", `memory ${span(region)} of ${region.name} overlaps ${span(other)} of ${other.name}`);
    this.#regions.splice(this.#above(region.base), 0, region);
  }

  /** Takes away a region that `map` was given; nothing happens when it is not there. */
  unmap(region: MemoryRegion): void {
    const index = this.#regions.indexOf(region);
    if (index >= 0) this.#regions.splice(index, 1);
  }

  /** A region that has a byte in common with `length` bytes at `base`: what guests move has to look here first, and not answer when it cannot. */
  overlapping(base: number, length: number): MemoryRegion | undefined {
    return this.#regions.find((region) => region.base < base + length && base < region.base + region.length);
  }

  /** The region that covers an address. */
  at(address: number): MemoryRegion | undefined {
    const region = this.#regions[this.#above(address) - 1];
    return region !== undefined && address < region.base + region.length ? region : undefined;
  }

  read(address: number, size: AccessSize): number {
    const region = this.at(address);
    if (region !== undefined && size <= region.width && address + size <= region.base + region.length)
      return (region.device.read(address - region.base, size) & allOnes[size]) >>> 0;
    if (size === 1) return allOnes[1];
    const half: AccessSize = size === 4 ? 2 : 1;
    const low = this.read(address, half);
    // `* 2 ** n`, not `<<`: the result is unsigned.
    return low + this.read(address + half, half) * 2 ** (8 * half);
  }

  write(address: number, size: AccessSize, value: number): void {
    const region = this.at(address);
    if (region !== undefined && size <= region.width && address + size <= region.base + region.length) {
      region.device.write(address - region.base, size, (value & allOnes[size]) >>> 0);
      return;
    }
    if (size === 1) return;
    const half: AccessSize = size === 4 ? 2 : 1;
    this.write(address, half, value & allOnes[half]);
    this.write(address + half, half, value >>> (8 * half));
  }

  /** Number of regions that begin at or below an address. */
  #above(address: number): number {
    let low = 0;
    let high = this.#regions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#regions[middle]?.base ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isWithinSpace({ base, length }: MemoryRegion): boolean {
  return Number.isSafeInteger(base) && Number.isSafeInteger(length) && length > 0 && base >= 0 && base + length <= PHYSICAL_END;
}

function span({ base, length }: MemoryRegion): string {
  return `0x${base.toString(16)} to 0x${(base + length - 1).toString(16)}`;
}
