import { extendedMemory, lowMemoryEnd, type MemoryRange } from "./memory-map.ts";
import { bootFlag, field, headerMagic, headerStart, loadFlag, viewOf } from "./linux-header.ts";

/** Where the loader puts its data: below the display's memory, above everything that a kernel uses before it has read them. */
export const zeroPage = 0x9_0000;
const pageSize = 0x1000;
const commandLineAddress: number = zeroPage + pageSize;
/** A command line is at most this long: the page behind it holds the descriptor table. */
export const commandLineRoom: number = pageSize - 1;
const gdtAddress: number = commandLineAddress + pageSize;
/** Selectors of the 32-bit boot protocol (boot.rst, "32-bit Boot Protocol"). */
export const bootCode = 0x10;
export const bootData = 0x18;
/** A loader without a number of its own. */
const undefinedLoader = 0xff;

/** Offsets in the zero page outside the header (Documentation/arch/x86/zero-page.rst). */
const zero = { extendedKilobytes: 0x002, alternativeKilobytes: 0x1e0, mapEntries: 0x1e8, sentinel: 0x1ef, map: 0x2d0 } as const;
const mapEntrySize = 20;

/** What the zero page says. */
export interface BootParameters {
  /** The setup header from the kernel's file, `headerStart` on; none for a vmlinux. */
  readonly header: Uint8Array | undefined;
  readonly commandLine: Uint8Array;
  readonly initrd: { readonly start: number; readonly length: number } | undefined;
  readonly map: readonly MemoryRange[];
}

/** Writes the zero page, the command line and the descriptor table of the 32-bit protocol into RAM. */
export function writeZeroPage(ram: Uint8Array, parameters: BootParameters): { readonly base: number; readonly limit: number } {
  const page = ram.subarray(zeroPage, zeroPage + pageSize);
  page.fill(0);
  const view = viewOf(page);
  if (parameters.header === undefined) writeOwnHeader(view);
  else page.set(parameters.header, headerStart);
  view.setUint8(field.loaderType, undefinedLoader);
  view.setUint32(field.commandLinePointer, commandLineAddress, true);
  view.setUint32(field.ramDiskImage, parameters.initrd?.start ?? 0, true);
  view.setUint32(field.ramDiskSize, parameters.initrd?.length ?? 0, true);
  writeMap(view, parameters.map);
  ram.set(parameters.commandLine, commandLineAddress);
  ram[commandLineAddress + parameters.commandLine.length] = 0;
  return writeDescriptors(viewOf(ram));
}

/** A vmlinux brings no header; the kernel looks at the mark and the version to know what the rest means. */
function writeOwnHeader(view: DataView): void {
  view.setUint16(field.bootFlag, bootFlag, true);
  view.setUint32(field.magic, headerMagic, true);
  view.setUint16(field.version, 0x020f, true);
  view.setUint8(field.loadFlags, loadFlag.high);
}

function writeMap(view: DataView, map: readonly MemoryRange[]): void {
  const top = map.at(-1)?.end ?? lowMemoryEnd;
  const extended = Math.max(0, top - extendedMemory) / 1024;
  view.setUint16(zero.extendedKilobytes, Math.min(extended, 0xffff), true);
  view.setUint32(zero.alternativeKilobytes, extended, true);
  view.setUint8(zero.mapEntries, map.length);
  for (const [index, { start, end, type }] of map.entries()) {
    const at = zero.map + index * mapEntrySize;
    view.setUint32(at, start, true);
    view.setUint32(at + 8, end - start, true);
    view.setUint32(at + 16, type, true);
  }
}

/** Flat 4 GB segments: code that can be read, data that can be written (SDM 3A 3.4.5). */
function writeDescriptors(view: DataView): { readonly base: number; readonly limit: number } {
  const descriptors: readonly (readonly [number, number])[] = [
    [bootCode, 0x00cf_9b00],
    [bootData, 0x00cf_9300],
  ];
  for (let at = gdtAddress; at < gdtAddress + bootData + 8; at += 4) view.setUint32(at, 0, true);
  for (const [selector, high] of descriptors) {
    view.setUint32(gdtAddress + selector, 0xffff, true);
    view.setUint32(gdtAddress + selector + 4, high, true);
  }
  return { base: gdtAddress, limit: bootData + 7 };
}
