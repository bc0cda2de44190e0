/** The boot path's division of memory for tests in Node. */
import { PAGE_SIZE } from "@mercury/abi/metal";
import { prepareAllocators } from "../kernel/boot/allocators";
import { blobAt, hasVmm, listBlobs, placeBlobs } from "../kernel/boot/blobs";
import { fillIdentity } from "../kernel/boot/chunks";
import { useMultiboot } from "../kernel/boot/multiboot";
import { memoryPlan, planMemory } from "../kernel/boot/plan";
import { shuffleMemory } from "../kernel/boot/shuffle";
import { FRAME_FREE, ORDERS, recordOf } from "../kernel/mm/frames";

export { machineChunk } from "../kernel/boot/chunks";
export { freeFrameCount, managedFrameCount } from "../kernel/mm/frames";
export { freeTableCount } from "../kernel/mm/zone";

/** Reads the multiboot information at a physical address: whether there is enough memory to go on. */
export function begin(information: u32): bool {
  useMultiboot(information);
  listBlobs();
  if (!planMemory(hasVmm())) return false;
  fillIdentity(memoryPlan());
  return true;
}

export function shuffle(seed: u32): bool {
  return shuffleMemory(memoryPlan(), seed);
}

/** Moves blobs and gives free frames away: whether there was room. */
export function divide(): bool {
  return placeBlobs() && prepareAllocators(memoryPlan());
}

export function zoneEnd(): usize {
  return memoryPlan().zoneEnd;
}

export function reserve(): usize {
  return memoryPlan().reserve;
}

export function blobStart(index: u32): usize {
  return blobAt(index).start;
}

export function blobEnd(index: u32): usize {
  return blobAt(index).end;
}

/** Whether the frame at an address is the allocator's to give. */
export function isManaged(address: usize): bool {
  return address < memoryPlan().kernelEnd && ownerOf(<u32>(address / PAGE_SIZE));
}

/** A free block is marked at its first frame only. */
function ownerOf(frame: u32): bool {
  for (let order: u32 = 0; order < ORDERS; order++) {
    const head = frame & ~((1 << order) - 1);
    const record = recordOf(head);
    if (record.state == FRAME_FREE && head + (1 << <u32>record.order) > frame) return true;
  }
  return false;
}
