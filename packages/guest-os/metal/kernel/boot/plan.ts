import { CHUNK_SIZE, DIRECT_MAP_SIZE, MEMORY_MINIMUM, PAGE_SIZE, TABLE_WINDOW_SIZE, ZONE_BASE } from "@mercury/abi/metal";
import { moduleAt, moduleCount } from "./multiboot";
import { keepUsableRanges } from "./ranges";
import { linear, physical } from "../mm/frames";
import { imageEnd, ramdiskEnd, ramdiskStart, vmmImageEnd, vmmImageStart } from "./symbols";

/** How physical memory is divided, and what is moved out of the way of it. */

// @ts-ignore: decorator
@unmanaged export class MemoryPlan {
  /** One past the highest usable byte below 4 GB, whole pages. */
  memoryEnd: usize;
  /** One past what the kernel uses: memoryEnd, at most the direct map. */
  kernelEnd: usize;
  zoneFrames: u32;
  /** One past the zone. */
  zoneEnd: usize;
  /** The VMM's reserve of one chunk, or 0 when there is no VMM. */
  reserve: usize;
  /** Bytes behind the zone and everything that the loader put there: taken upwards by the boot path. */
  next: usize;
}

/** What the loader brought: archives to unpack, in order, and the VMM's image; physical addresses. */
// @ts-ignore: decorator
@unmanaged export class Blob {
  start: usize;
  end: usize;
}

const BLOBS_MAXIMUM: u32 = 16;
const ZONE_SHARE: usize = 64;

const plan: MemoryPlan = changetype<MemoryPlan>(memory.data(offsetof<MemoryPlan>(), 4));
const blobs: usize = memory.data(16 * 8, 4);
let blobCount: u32 = 0;

export function memoryPlan(): MemoryPlan {
  return plan;
}

/** Blob 0 is the VMM's image, 1 the RAM disk, the rest modules. */
export function blobAt(index: u32): Blob {
  return changetype<Blob>(blobs + <usize>index * offsetof<Blob>());
}

export function blobTotal(): u32 {
  return blobCount;
}

/** Divides memory and moves blobs out of the zone and the reserve; false when there is too little memory. */
export function planMemory(): bool {
  plan.memoryEnd = keepUsableRanges() & ~(PAGE_SIZE - 1);
  plan.kernelEnd = min<usize>(plan.memoryEnd, DIRECT_MAP_SIZE);
  if (plan.memoryEnd + CHUNK_SIZE <= MEMORY_MINIMUM) return false;
  listBlobs();
  const zoneSize = max<usize>(CHUNK_SIZE, (plan.memoryEnd / ZONE_SHARE) & ~(CHUNK_SIZE - 1));
  plan.zoneEnd = ZONE_BASE + min<usize>(zoneSize, TABLE_WINDOW_SIZE);
  plan.zoneFrames = <u32>((plan.zoneEnd - ZONE_BASE) / PAGE_SIZE);
  const hasVmm = blobAt(0).end > blobAt(0).start;
  plan.reserve = hasVmm ? (plan.kernelEnd & ~(CHUNK_SIZE - 1)) - CHUNK_SIZE : 0;
  plan.next = plan.zoneEnd;
  for (let index: u32 = 0; index < blobCount; index++) skipBlob(blobAt(index));
  for (let index: u32 = 0; index < blobCount; index++) moveBlob(blobAt(index));
  return plan.next < plan.kernelEnd;
}

/** `bytes` of memory for good, page aligned: physical. Memory may end inside a chunk, so some of it may lie behind the reserve. */
export function takeMemory(bytes: usize): usize {
  const size = (bytes + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1);
  const intoReserve = plan.next < plan.reserve + CHUNK_SIZE && plan.next + size > plan.reserve;
  const at = plan.reserve != 0 && intoReserve ? plan.reserve + CHUNK_SIZE : plan.next;
  plan.next = at + size;
  return at;
}

function listBlobs(): void {
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

function overlaps(blob: Blob, start: usize, end: usize): bool {
  return blob.start < end && blob.end > start;
}

function inTheWay(blob: Blob): bool {
  if (blob.end <= blob.start) return false;
  return overlaps(blob, ZONE_BASE, plan.zoneEnd) || (plan.reserve != 0 && overlaps(blob, plan.reserve, plan.reserve + CHUNK_SIZE));
}

/** What stays where it is behind the zone pushes `next` behind itself. */
function skipBlob(blob: Blob): void {
  const moved = overlaps(blob, 0, plan.zoneEnd) ? blob.end : inTheWay(blob) ? 0 : blob.end;
  if (blob.end > blob.start) plan.next = max<usize>(plan.next, (moved + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1));
}

function moveBlob(blob: Blob): void {
  if (!inTheWay(blob)) return;
  const size = blob.end - blob.start;
  const to = takeMemory(size);
  memory.copy(linear(to), linear(blob.start), size);
  blob.start = to;
  blob.end = to + size;
}

/** One past the kernel's own image, page aligned: physical. */
export function kernelImageLimit(): usize {
  return (physical(imageEnd()) + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1);
}
