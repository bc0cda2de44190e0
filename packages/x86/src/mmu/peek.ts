import type { Core } from "../cpu/core.ts";
import { at, cr0, cr4 } from "../state/layout.ts";

const PRESENT = 1n;
const LARGE = 0x80n;

/** An entry of 4 or 8 bytes of a paging structure; outside RAM nothing is present. */
function entryAt(core: Core, address: number, size: 4 | 8): bigint {
  const { memory } = core;
  if (address + size > memory.ramSize) return 0n;
  const host = memory.ramBase + address;
  return size === 8 ? memory.view.getBigUint64(host, true) : BigInt(memory.view.getUint32(host, true));
}

/**
 * The physical address that the tables in memory give a linear one, for debuggers: without rights, and without a trace in A and D bits or TLBs.
 * Undefined where nothing is mapped (SDM 3A 4.3 and 4.4).
 */
export function peekTranslation(core: Core, linear: number): number | undefined {
  const { state } = core;
  const address = linear >>> 0;
  if ((state.get(at.cr0) & cr0.PG) === 0) return address;
  const extended = (state.get(at.cr4) & cr4.PAE) !== 0;
  const size = extended ? 8 : 4;
  // Bits 12 to 51 of an entry of 8 bytes are an address; bit 63 is XD.
  const frameOf = (entry: bigint): number => Number(entry & 0xf_ffff_ffff_f000n);
  let table = (state.get(at.cr3) & ~0xfff) >>> 0;
  if (extended) {
    const pointer = entryAt(core, ((state.get(at.cr3) & ~0x1f) >>> 0) + (address >>> 30) * 8, 8);
    if ((pointer & PRESENT) === 0n) return undefined;
    table = frameOf(pointer);
  }
  const directoryShift = extended ? 21 : 22;
  const index = (shift: number): number => (address >>> shift) & (4096 / size - 1);
  const directory = entryAt(core, table + index(directoryShift) * size, size);
  if ((directory & PRESENT) === 0n) return undefined;
  const large = 2 ** directoryShift;
  if ((directory & LARGE) !== 0n && (extended || (state.get(at.cr4) & cr4.PSE) !== 0))
    return frameOf(directory) - (frameOf(directory) % large) + (address % large);
  const page = entryAt(core, frameOf(directory) + index(12) * size, size);
  return (page & PRESENT) === 0n ? undefined : frameOf(page) + (address & 0xfff);
}
