import { CHUNK_SIZE, DIRECT_MAP_SIZE, MEMORY_MINIMUM, PAGE_SIZE, TABLE_WINDOW_SIZE, ZONE_BASE } from "@mercury/abi/metal";
import { keepUsableRanges, usableFrom } from "./ranges";
import { physical } from "../mm/frames";
import { imageEnd } from "./symbols";

/** How physical memory is divided. */

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

const ZONE_SHARE: usize = 64;

const plan: MemoryPlan = changetype<MemoryPlan>(memory.data(offsetof<MemoryPlan>(), 4));

export function memoryPlan(): MemoryPlan {
  return plan;
}

/** Divides memory; false when there is too little. */
export function planMemory(withVmm: bool): bool {
  plan.memoryEnd = keepUsableRanges() & ~(PAGE_SIZE - 1);
  plan.kernelEnd = min<usize>(plan.memoryEnd, DIRECT_MAP_SIZE);
  if (plan.memoryEnd + CHUNK_SIZE <= MEMORY_MINIMUM) return false;
  const zoneSize = max<usize>(CHUNK_SIZE, (plan.memoryEnd / ZONE_SHARE) & ~(CHUNK_SIZE - 1));
  plan.zoneEnd = ZONE_BASE + min<usize>(zoneSize, TABLE_WINDOW_SIZE);
  plan.zoneFrames = <u32>((plan.zoneEnd - ZONE_BASE) / PAGE_SIZE);
  plan.reserve = withVmm ? (plan.kernelEnd & ~(CHUNK_SIZE - 1)) - CHUNK_SIZE : 0;
  plan.next = plan.zoneEnd;
  return true;
}

/** `bytes` of memory for good, page aligned: physical, 0 when there is no room. Holes of memory and the reserve are left out. */
export function takeMemory(bytes: usize): usize {
  const size = (bytes + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1);
  let at = usableFrom(plan.next, size);
  if (plan.reserve != 0 && at < plan.reserve + CHUNK_SIZE && at + size > plan.reserve) at = usableFrom(plan.reserve + CHUNK_SIZE, size);
  if (at == 0 || at + size > plan.kernelEnd) return 0;
  plan.next = at + size;
  return at;
}

/** One past the kernel's own image, page aligned: physical. */
export function kernelImageLimit(): usize {
  return (physical(imageEnd()) + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1);
}
