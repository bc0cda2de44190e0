import { CHUNK_SIZE, SHARED_PAGE, SHARED_PAGE_MACHINE_CHUNK } from "@mercury/abi/metal";

/**
 * Table entries hold machine addresses, the kernel thinks in pseudo-physical ones. The map is by chunk: P2M is in the shared page,
 * its inverse is made of it here.
 */

const CHUNK_SHIFT: usize = 22;
const NO_CHUNK: u32 = 0xffff;
/** Pseudo-physical chunk of each machine chunk of 4 GB. */
const physicalChunks: usize = memory.data(1024 << 1, 4);

/** Builds the inverse map of the first `chunks` chunks. */
export function initializeMachine(chunks: u32): void {
  memory.fill(physicalChunks, 0xff, 1024 << 1);
  for (let chunk: u32 = 0; chunk < chunks; chunk++) {
    const machine = <u32>load<u16>(SHARED_PAGE + SHARED_PAGE_MACHINE_CHUNK + (chunk << 1));
    if (machine != NO_CHUNK) store<u16>(physicalChunks + ((machine & 1023) << 1), <u16>chunk);
  }
}

/** Machine address of a pseudo-physical one. */
export function machineOf(physical: usize): usize {
  const chunk = <usize>load<u16>(SHARED_PAGE + SHARED_PAGE_MACHINE_CHUNK + ((physical >> CHUNK_SHIFT) << 1));
  return (chunk << CHUNK_SHIFT) | (physical & (CHUNK_SIZE - 1));
}

/** Pseudo-physical address of a machine one that an entry of this kernel holds. */
export function physicalOf(machine: usize): usize {
  const chunk = <usize>load<u16>(physicalChunks + ((machine >> CHUNK_SHIFT) << 1));
  return (chunk << CHUNK_SHIFT) | (machine & (CHUNK_SIZE - 1));
}
