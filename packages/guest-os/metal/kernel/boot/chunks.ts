import { CHUNK_SIZE, SHARED_PAGE, SHARED_PAGE_MACHINE_CHUNK } from "@mercury/abi/metal";
import { MemoryPlan } from "./plan";

/** The P2M as the boot path makes it: the machine chunk under each pseudo-physical one, in the shared page. */

/** Entries of sharedPage.machineChunk. */
export const MACHINE_CHUNKS: u32 = 512;
/** A chunk that is not there. */
const NO_CHUNK: u32 = 0xffff;

export function machineChunk(chunk: u32): u32 {
  return load<u16>(SHARED_PAGE + SHARED_PAGE_MACHINE_CHUNK + (chunk << 1));
}

export function setMachineChunk(chunk: u32, machine: u32): void {
  store<u16>(SHARED_PAGE + SHARED_PAGE_MACHINE_CHUNK + (chunk << 1), <u16>machine);
}

/** Chunks that have memory in them, the last one not always whole. */
export function chunkCount(plan: MemoryPlan): u32 {
  return min<u32>(<u32>((plan.memoryEnd + (CHUNK_SIZE - 1)) / CHUNK_SIZE), MACHINE_CHUNKS);
}

/** Pseudo-physical is machine. */
export function fillIdentity(plan: MemoryPlan): void {
  const count = chunkCount(plan);
  for (let chunk: u32 = 0; chunk < MACHINE_CHUNKS; chunk++) setMachineChunk(chunk, chunk < count ? chunk : NO_CHUNK);
}
