import { APIC_CHUNK, CHUNK_SIZE, DIRECT_MAP_BASE, SHARED_PAGE, SHARED_PAGE_MACHINE_CHUNK, ZONE_BASE } from "@mercury/abi/metal";
import { directMapped, memoryEnd, reserve, reserveSize, zoneFrames } from "../domains/facts";
import { constantsPage } from "../symbols";

/**
 * The chunk map: what each 4 MB of machine space is, a byte for each, in the page that the warm-up makes read-only. The chunk is the unit
 * of type because it is what one large page of the direct map covers: a frame is a table or writable data, never both.
 */
export const CHUNK_NONE: u32 = 0;
export const CHUNK_DATA: u32 = 1;
export const CHUNK_TABLE: u32 = 2;
export const CHUNK_VMM: u32 = 3;
export const CHUNK_DEVICE: u32 = 4;

export const CHUNK_SHIFT: u32 = 22;
/** Chunks of the machine's 4 GB. */
export const CHUNK_COUNT: u32 = 1024;
/** Behind the 256 gates in the constants page. */
const MAP_OFFSET: usize = 2048;
/** P2M value of a chunk that the domain does not have. */
const NO_CHUNK: u32 = 0xffff;

export function chunkMap(): usize {
  return constantsPage() + MAP_OFFSET;
}

/** Type of the chunk that holds a machine address. */
// @ts-ignore: decorator
@inline
export function chunkType(machine: u32): u32 {
  return load<u8>(chunkMap() + <usize>(machine >> CHUNK_SHIFT));
}

/** Pseudo-physical chunk of each machine chunk: the inverse of the kernel's P2M, the VMM's own copy. */
const pseudoChunks: usize = memory.data(2048, 16);
const machineChunks: usize = memory.data(1024, 16);

/** Machine address of a pseudo-physical one below the direct map's end. */
export function machineOf(pseudo: u32): u32 {
  return (<u32>load<u16>(machineChunks + <usize>((pseudo >> CHUNK_SHIFT) << 1)) << CHUNK_SHIFT) | (pseudo & (<u32>CHUNK_SIZE - 1));
}

/** Pseudo-physical address of a machine one; an address that the domain does not have maps above the direct map. */
export function pseudoOf(machine: u32): u32 {
  return (<u32>load<u16>(pseudoChunks + <usize>((machine >> CHUNK_SHIFT) << 1)) << CHUNK_SHIFT) | (machine & (<u32>CHUNK_SIZE - 1));
}

/** Types of all chunks, the APICs' being the VMM's, and both directions of the P2M, from the shared page and the record's sizes. */
export function buildChunks(): void {
  const map = chunkMap();
  memory.fill(pseudoChunks, 0xff, CHUNK_COUNT << 1);
  for (let chunk: u32 = 0; chunk < CHUNK_COUNT; chunk++) {
    store<u8>(map + <usize>chunk, <u8>(chunk >= roundUp(memoryEnd) ? CHUNK_DEVICE : CHUNK_NONE));
  }
  store<u8>(map + (APIC_CHUNK >> CHUNK_SHIFT), <u8>CHUNK_VMM);
  const own = roundUp(directMapped);
  const zoneStart = <u32>ZONE_BASE >> CHUNK_SHIFT;
  const zoneEnd = zoneStart + roundUp(zoneFrames << 12);
  for (let chunk: u32 = 0; chunk < own; chunk++) {
    const machine = <u32>load<u16>(SHARED_PAGE + <usize>(SHARED_PAGE_MACHINE_CHUNK + (chunk << 1)));
    store<u16>(machineChunks + <usize>(chunk << 1), <u16>machine);
    if (machine == NO_CHUNK) continue;
    store<u16>(pseudoChunks + <usize>(machine << 1), <u16>chunk);
    store<u8>(map + <usize>machine, <u8>(chunk >= zoneStart && chunk < zoneEnd ? CHUNK_TABLE : CHUNK_DATA));
  }
  for (let at = reserve; at < reserve + reserveSize; at += <u32>CHUNK_SIZE) store<u8>(map + <usize>(at >> CHUNK_SHIFT), <u8>CHUNK_VMM);
}

function roundUp(bytes: u32): u32 {
  return (bytes >> CHUNK_SHIFT) + u32((bytes & (<u32>CHUNK_SIZE - 1)) != 0);
}

/**
 * Whether `bytes` bytes at a linear address are the domain's own data in the direct map, which every directory shows: the VMM can read and
 * write them without a fault. Kernel stacks, lists and texts that the kernel passes must lie so.
 */
export function isOwnData(address: u32, bytes: u32): bool {
  const offset = address - <u32>DIRECT_MAP_BASE;
  if (offset >= directMapped || bytes > directMapped - offset) return false;
  if (chunkType(machineOf(offset)) != CHUNK_DATA) return false;
  return bytes == 0 || chunkType(machineOf(offset + bytes - 1)) == CHUNK_DATA;
}
