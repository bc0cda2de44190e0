import { CHUNK_SIZE, PAGE_SIZE, ZONE_BASE } from "@mercury/abi/metal";
import { linear, physical } from "../mm/frames";
import { moduleAt, moduleCount } from "./multiboot";
import { MemoryPlan, memoryPlan, takeMemory } from "./plan";
import { ramdiskEnd, ramdiskStart, vmmImageEnd, vmmImageStart } from "./symbols";

/** What the loader brought: archives to unpack, in order, and the VMM's image; physical addresses. */
// @ts-ignore: decorator
@unmanaged export class Blob {
  start: usize;
  end: usize;
}

const BLOBS_MAXIMUM: u32 = 16;

const blobs: usize = memory.data(16 * 8, 4);
let blobCount: u32 = 0;

/** Blob 0 is the VMM's image, 1 the RAM disk, the rest modules. */
export function blobAt(index: u32): Blob {
  return changetype<Blob>(blobs + <usize>index * offsetof<Blob>());
}

export function blobTotal(): u32 {
  return blobCount;
}

/** Whether the image has a VMM in it. */
export function hasVmm(): bool {
  return blobAt(0).end > blobAt(0).start;
}

export function listBlobs(): void {
  blobCount = 0;
  addBlob(physical(vmmImageStart()), physical(vmmImageEnd()));
  addBlob(physical(ramdiskStart()), physical(ramdiskEnd()));
  for (let index: u32 = 0; index < moduleCount(); index++) addBlob(moduleAt(index).start, moduleAt(index).end);
}

function addBlob(start: usize, end: usize): void {
  if (blobCount == BLOBS_MAXIMUM) return;
  const blob = blobAt(blobCount++);
  blob.start = start;
  blob.end = end;
}

/** Moves what lies in the zone or the reserve out of the way; false when there is no room for it. */
export function placeBlobs(): bool {
  const plan = memoryPlan();
  for (let index: u32 = 0; index < blobCount; index++) skipBlob(plan, blobAt(index));
  for (let index: u32 = 0; index < blobCount; index++) if (!moveBlob(plan, blobAt(index))) return false;
  return true;
}

function overlaps(blob: Blob, start: usize, end: usize): bool {
  return blob.start < end && blob.end > start;
}

function inTheWay(plan: MemoryPlan, blob: Blob): bool {
  if (blob.end <= blob.start) return false;
  return overlaps(blob, ZONE_BASE, plan.zoneEnd) || (plan.reserve != 0 && overlaps(blob, plan.reserve, plan.reserve + CHUNK_SIZE));
}

/** What stays where it is behind the zone pushes `next` behind itself. */
function skipBlob(plan: MemoryPlan, blob: Blob): void {
  const moved = overlaps(blob, 0, plan.zoneEnd) ? blob.end : inTheWay(plan, blob) ? 0 : blob.end;
  if (blob.end > blob.start) plan.next = max<usize>(plan.next, (moved + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1));
}

function moveBlob(plan: MemoryPlan, blob: Blob): bool {
  if (!inTheWay(plan, blob)) return true;
  const size = blob.end - blob.start;
  const to = takeMemory(size);
  if (to == 0) return false;
  memory.copy(linear(to), linear(blob.start), size);
  blob.start = to;
  blob.end = to + size;
  return true;
}
