import { PAGE_GLOBAL, PAGE_LARGE, PAGE_PRESENT, PAGE_WRITABLE } from "@mercury/abi/metal";
import { CHUNK_DATA, CHUNK_DEVICE, CHUNK_SHIFT, CHUNK_TABLE, chunkMap } from "../frames/chunks";

/** Entries of a table or slots of a directory. */
export const ENTRIES: u32 = 1024;

/**
 * Whether a leaf entry may stand in a validated table. Not present: anything. Present: neither Global nor bit 7 (PAT, which the kernel
 * does not use), and the domain's data or a device; of a table's chunk, read-only.
 */
// @ts-ignore: decorator
@inline
export function isLegalEntry(entry: u32): bool {
  if ((entry & PAGE_PRESENT) == 0) return true;
  if ((entry & (PAGE_GLOBAL | PAGE_LARGE)) != 0) return false;
  const type = <u32>load<u8>(chunkMap() + <usize>(entry >> CHUNK_SHIFT));
  if (type == CHUNK_DATA || type == CHUNK_DEVICE) return true;
  return type == CHUNK_TABLE && (entry & PAGE_WRITABLE) == 0;
}

/** Index of the first illegal entry of a table, or ENTRIES. */
export function firstIllegalEntry(table: usize): u32 {
  for (let index: u32 = 0; index < ENTRIES; index++) {
    if (!isLegalEntry(load<u32>(table + <usize>(index << 2)))) return index;
  }
  return ENTRIES;
}
