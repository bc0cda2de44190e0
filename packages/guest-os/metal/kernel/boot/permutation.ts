import { CHUNK_SIZE, KERNEL_LOAD_BASE, ZONE_BASE } from "@mercury/abi/metal";
import { chunkCount, machineChunk, setMachineChunk } from "./chunks";
import { isLoaded, loadedIn } from "./loaded";
import { MemoryPlan } from "./plan";
import { isPartlyUsable, isUsable } from "./ranges";

/**
 * Which machine chunk lies under which pseudo-physical one when a seed decides it. Every chunk with memory in it goes elsewhere, the kernel's
 * image, the table zone and the VMM's reserve too: an address of the wrong kind then names wrong memory everywhere.
 */

/** The chunk that the processor runs in until all else has been moved. */
const RUNNING: u32 = <u32>(KERNEL_LOAD_BASE / CHUNK_SIZE);
/** In the smallest machine one order of 24 fits; a thousand tries miss it once in 10^18 seeds. */
const ATTEMPTS: u32 = 1000;

const members: usize = memory.data(512 << 1, 2);
let memberCount: u32 = 0;
let state: u32 = 0;

/** Writes an order to the P2M, which holds the identity; false when what was loaded leaves none. */
export function choosePermutation(plan: MemoryPlan, seed: u32): bool {
  findMembers(plan);
  state = seed;
  for (let attempt: u32 = 0; attempt < ATTEMPTS; attempt++) {
    shuffleMembers();
    if (isSound(plan)) return true;
  }
  return false;
}

function memberAt(index: u32): u32 {
  return load<u16>(members + (<usize>index << 1));
}

/** A chunk without any memory in it is a hole between two banks, and stays what it is. */
function findMembers(plan: MemoryPlan): void {
  memberCount = 0;
  for (let chunk: u32 = 0, count = chunkCount(plan); chunk < count; chunk++) {
    const start = <usize>chunk * CHUNK_SIZE;
    if (isPartlyUsable(start, start + CHUNK_SIZE)) store<u16>(members + (memberCount++ << 1), <u16>chunk);
  }
}

/** A counter in steps of 2^32 over the golden ratio, mixed by the finalizer of MurmurHash3, so that seeds that differ by one have nothing in common. */
function nextRandom(): u32 {
  state += 0x9e37_79b9;
  let value = state;
  value = (value ^ (value >> 16)) * 0x85eb_ca6b;
  value = (value ^ (value >> 13)) * 0xc2b2_ae35;
  return value ^ (value >> 16);
}

/** Fisher and Yates. */
function shuffleMembers(): void {
  for (let last = memberCount; last > 1; last--) {
    const chunk = memberAt(last - 1);
    const other = memberAt(nextRandom() % last);
    const machine = machineChunk(chunk);
    setMachineChunk(chunk, machineChunk(other));
    setMachineChunk(other, machine);
  }
}

function isSound(plan: MemoryPlan): bool {
  for (let index: u32 = 0; index < memberCount; index++) {
    const chunk = memberAt(index);
    if (!fits(plan, chunk, machineChunk(chunk)) || (isLoaded(chunk) && isLoop(chunk))) return false;
  }
  return true;
}

/** Whether a chunk may lie there: elsewhere, not over the running code, and on memory wherever it needs memory. */
function fits(plan: MemoryPlan, chunk: u32, machine: u32): bool {
  const at = <usize>chunk * CHUNK_SIZE;
  const to = <usize>machine * CHUNK_SIZE;
  if (chunk == machine) return false;
  const isZone = at >= ZONE_BASE && at < plan.zoneEnd;
  const isReserve = plan.reserve != 0 && at == plan.reserve;
  if ((isZone || isReserve) && !isUsable(to, to + CHUNK_SIZE)) return false;
  if (!isLoaded(chunk)) return true;
  return machine != RUNNING && isUsable(to + loadedIn(chunk).start, to + loadedIn(chunk).end);
}

/** Whether what was loaded would have to go round in a circle: there is no spare chunk to begin with. */
function isLoop(chunk: u32): bool {
  let next = machineChunk(chunk);
  while (next != chunk && isLoaded(next)) next = machineChunk(next);
  return next == chunk;
}
