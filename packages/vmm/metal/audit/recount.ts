import {
  APIC_CHUNK, CHUNK_SIZE, DIRECT_MAP_BASE, DIRECT_MAP_SIZE, FINDING_CHUNK, KernelRecord, PAGE_SIZE, SHARED_PAGE, SHARED_PAGE_MACHINE_CHUNK, ZONE_BASE,
} from "@mercury/abi/metal";
import { agrees } from "./finding";

/*
 * What everything must be, computed afresh from the kernel's record and the P2M, with no look at what the VMM has computed. Nothing here is shared with frames/ and
 * tables/: an error there must not excuse itself.
 */
export const NONE: u32 = 0;
export const DATA: u32 = 1;
export const TABLE: u32 = 2;
export const VMM: u32 = 3;
export const DEVICE: u32 = 4;

const SHIFT: u32 = 22;
const CHUNKS: u32 = 1024;
const ABSENT: u32 = 0xffff;
/** No zone frame. */
export const NO_ZONE_FRAME: u32 = 0xffffffff;

const types: usize = memory.data(1024);
const pseudo: usize = memory.data(2048, 16);
let record: KernelRecord = changetype<KernelRecord>(0);

function chunksOf(bytes: u32): u32 {
  return (bytes >> SHIFT) + u32((bytes & (<u32>CHUNK_SIZE - 1)) != 0);
}

/** Bytes of RAM that the direct map shows. */
export function mappedBytes(): u32 {
  return min<u32>(record.memoryEnd, <u32>DIRECT_MAP_SIZE);
}

export function zoneFrames(): u32 {
  return record.zoneFrames;
}

/** Machine chunk of a pseudo-physical one. */
export function machineChunk(chunk: u32): u32 {
  return load<u16>(SHARED_PAGE + <usize>(SHARED_PAGE_MACHINE_CHUNK + (chunk << 1)));
}

function isZone(chunk: u32): bool {
  const first = <u32>ZONE_BASE >> SHIFT;
  return chunk >= first && chunk < first + chunksOf(record.zoneFrames << 12);
}

/** Recounts the type of every chunk. */
export function recountChunks(from: KernelRecord): void {
  record = from;
  memory.fill(pseudo, 0xff, CHUNKS << 1);
  const end = chunksOf(record.memoryEnd);
  for (let chunk: u32 = 0; chunk < CHUNKS; chunk++) store<u8>(types + <usize>chunk, <u8>(chunk < end ? NONE : DEVICE));
  for (let chunk: u32 = 0, mapped = chunksOf(mappedBytes()); chunk < mapped; chunk++) {
    const machine = machineChunk(chunk);
    if (machine == ABSENT) continue;
    store<u16>(pseudo + <usize>(machine << 1), <u16>chunk);
    store<u8>(types + <usize>machine, <u8>(isZone(chunk) ? TABLE : DATA));
  }
  store<u8>(types + (APIC_CHUNK >> SHIFT), <u8>VMM);
  for (let at = record.vmmReserve, last = at + record.vmmReserveSize; at < last; at += <u32>CHUNK_SIZE) store<u8>(types + <usize>(at >> SHIFT), <u8>VMM);
}

/** The VMM's chunk map against the recount. */
export function chunkMapAgrees(map: usize): bool {
  for (let chunk: u32 = 0; chunk < CHUNKS; chunk++) {
    if (!agrees(FINDING_CHUNK, chunk, load<u8>(types + <usize>chunk), load<u8>(map + <usize>chunk))) return false;
  }
  return true;
}

/** Type of the chunk of a machine address. */
export function typeOfMachine(machine: u32): u32 {
  return load<u8>(types + <usize>(machine >> SHIFT));
}

/** Zone frame of a machine address, or NO_ZONE_FRAME. */
export function zoneFrameOf(machine: u32): u32 {
  const chunk = <u32>load<u16>(pseudo + <usize>((machine >> SHIFT) << 1));
  if (chunk == ABSENT) return NO_ZONE_FRAME;
  const address = (chunk << SHIFT) | (machine & (<u32>CHUNK_SIZE - 1));
  const frame = (address - <u32>ZONE_BASE) >> 12;
  return address >= <u32>ZONE_BASE && frame < record.zoneFrames ? frame : NO_ZONE_FRAME;
}

/** Where the direct map shows a zone frame. */
export function zoneFrameAt(frame: u32): usize {
  return DIRECT_MAP_BASE + ZONE_BASE + <usize>frame * PAGE_SIZE;
}

/** Whether a linear address is the kernel's own data in the direct map. */
export function isKernelData(address: u32): bool {
  const offset = address - <u32>DIRECT_MAP_BASE;
  return offset < mappedBytes() && typeOfMachine(machineChunk(offset >> SHIFT) << SHIFT) == DATA;
}
