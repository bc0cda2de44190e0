import { DIRECT_MAP_BASE } from "@mercury/abi/metal";

/** What a multiboot 1 loader hands over (Multiboot 0.6.96, section 3.3). Physical addresses, read through the direct map. */

// @ts-ignore: decorator
@unmanaged export class MultibootInfo {
  flags: u32;
  memoryLower: u32;
  memoryUpper: u32;
  bootDevice: u32;
  commandLine: u32;
  moduleCount: u32;
  modules: u32;
  symbols0: u32;
  symbols1: u32;
  symbols2: u32;
  symbols3: u32;
  mapLength: u32;
  map: u32;
}

/** An entry of the memory map; `size` does not count itself. */
// @ts-ignore: decorator
@unmanaged export class MapEntry {
  size: u32;
  baseLow: u32;
  baseHigh: u32;
  lengthLow: u32;
  lengthHigh: u32;
  type: u32;
}

// @ts-ignore: decorator
@unmanaged export class ModuleEntry {
  start: u32;
  end: u32;
  string: u32;
  reserved: u32;
}

const FLAG_MEMORY: u32 = 1 << 0;
const FLAG_COMMAND_LINE: u32 = 1 << 2;
const FLAG_MODULES: u32 = 1 << 3;
const FLAG_MAP: u32 = 1 << 6;
const USABLE: u32 = 1;
const MEGABYTE: u32 = 0x10_0000;

let info: MultibootInfo = changetype<MultibootInfo>(0);
/** A map of one entry, for a loader that gives only sizes. */
const simple: MapEntry = changetype<MapEntry>(memory.data(offsetof<MapEntry>(), 4));

/** Names the information that the other functions read; it lies in memory that nobody has used yet. */
export function useMultiboot(physical: u32): void {
  info = changetype<MultibootInfo>(<usize>physical + DIRECT_MAP_BASE);
}

/** Linear address of the command line, or 0. */
export function loaderCommandLine(): usize {
  return (info.flags & FLAG_COMMAND_LINE) != 0 ? <usize>info.commandLine + DIRECT_MAP_BASE : 0;
}

export function moduleCount(): u32 {
  return (info.flags & FLAG_MODULES) != 0 ? info.moduleCount : 0;
}

export function moduleAt(index: u32): ModuleEntry {
  return changetype<ModuleEntry>(<usize>info.modules + DIRECT_MAP_BASE + <usize>index * offsetof<ModuleEntry>());
}

/** The first entry of the memory map; go on with nextEntry until null. */
export function firstEntry(): MapEntry | null {
  if ((info.flags & FLAG_MAP) != 0) return entryAt(<usize>info.map + DIRECT_MAP_BASE);
  if ((info.flags & FLAG_MEMORY) == 0) return null;
  simple.baseLow = MEGABYTE;
  simple.lengthLow = info.memoryUpper << 10;
  simple.type = USABLE;
  return simple;
}

export function nextEntry(entry: MapEntry): MapEntry | null {
  if (entry === simple) return null;
  return entryAt(changetype<usize>(entry) + entry.size + 4);
}

function entryAt(address: usize): MapEntry | null {
  return address < <usize>info.map + DIRECT_MAP_BASE + info.mapLength ? changetype<MapEntry>(address) : null;
}

/** Where a usable range below 4 GB starts. */
export function usableStart(entry: MapEntry): usize {
  return entry.baseHigh != 0 ? 0 : entry.baseLow;
}

/** One past its end; 0 when the entry is not usable memory below 4 GB. */
export function usableEnd(entry: MapEntry): usize {
  if (entry.type != USABLE || entry.baseHigh != 0) return 0;
  const end = <u64>entry.baseLow + (<u64>entry.lengthLow | (<u64>entry.lengthHigh << 32));
  return end > 0xffff_f000 ? 0xffff_f000 : <usize>end;
}
