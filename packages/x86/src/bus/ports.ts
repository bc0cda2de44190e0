import { MachineError } from "../errors.ts";
import type { AccessSize, Device } from "./device.ts";

/** A range of the 64 KB port space (SDM 1 19.3) with the device that answers in it. */
export interface PortRange {
  /** What a person calls it, for errors and traces: `pic1`, `com1`. */
  readonly name: string;
  readonly base: number;
  readonly length: number;
  /** Only the accesses are the bus's business. */
  readonly device: Pick<Device, "read" | "write">;
  /** Widest access that the device understands; a wider one is made in pieces at consecutive ports. */
  readonly width: AccessSize;
}

const portCount = 0x1_0000;
/** A byte for each port says whose it is, and 0 is nobody. */
const mostRanges = 255;
const allOnes: Record<AccessSize, number> = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff };

/**
 * The port space. Ranges do not overlap; a port that no range covers reads as ones and swallows writes, as an undriven ISA bus does.
 */
export class PortBus {
  /** Index into `ranges` plus one for each port; 0 is a hole. */
  private readonly owner = new Uint8Array(portCount);
  private readonly ranges: (PortRange | undefined)[] = [];

  /** Adds a range. Throws when it is empty, leaves the port space or overlaps another one. */
  map(range: PortRange): void {
    const end = range.base + range.length;
    if (range.length < 1 || range.base < 0 || end > portCount)
      throw new MachineError(
        "configuration",
        `ports of ${range.name} (${hex(range.base)}, ${range.length} long) are not within 0 to 0xffff`,
      );
    for (let port = range.base; port < end; port++) {
      const other = this.at(port);
      if (other !== undefined)
        throw new MachineError("configuration", `port ${hex(port)} is claimed by ${other.name} and by ${range.name}`);
    }
    const free = this.ranges.indexOf(undefined);
    const index = free < 0 ? this.ranges.length : free;
    if (index + 1 > mostRanges) throw new MachineError("configuration", `${range.name} would be one more than ${mostRanges} port ranges`);
    this.ranges[index] = range;
    this.owner.fill(index + 1, range.base, end);
  }

  /** Takes away a range that `map` was given; nothing happens when it is not there. */
  unmap(range: PortRange): void {
    const index = this.ranges.indexOf(range);
    if (index < 0) return;
    this.ranges[index] = undefined;
    this.owner.fill(0, range.base, range.base + range.length);
  }

  /** A range that has a port in common with `length` ports at `base`: what guests move has to look here first. */
  overlapping(base: number, length: number): PortRange | undefined {
    for (let port = base; port < base + length; port++) {
      const range = this.at(port);
      if (range !== undefined) return range;
    }
    return undefined;
  }

  /** The range that covers a port. */
  at(port: number): PortRange | undefined {
    return this.ranges[(this.owner[port] ?? 0) - 1];
  }

  read(port: number, size: AccessSize): number {
    const range = this.at(port);
    if (range !== undefined && size <= range.width && port + size <= range.base + range.length)
      return (range.device.read(port - range.base, size) & allOnes[size]) >>> 0;
    if (size === 1) return allOnes[1];
    const half: AccessSize = size === 4 ? 2 : 1;
    const high = this.read((port + half) & 0xffff, half);
    // `* 2 ** n`, not `<<`: the result is unsigned.
    return this.read(port, half) + high * 2 ** (8 * half);
  }

  write(port: number, size: AccessSize, value: number): void {
    const range = this.at(port);
    if (range !== undefined && size <= range.width && port + size <= range.base + range.length) {
      range.device.write(port - range.base, size, (value & allOnes[size]) >>> 0);
      return;
    }
    if (size === 1) return;
    const half: AccessSize = size === 4 ? 2 : 1;
    this.write(port, half, value & allOnes[half]);
    this.write((port + half) & 0xffff, half, value >>> (8 * half));
  }
}

function hex(port: number): string {
  return `0x${port.toString(16)}`;
}
