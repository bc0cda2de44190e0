import { CHUNK_SIZE, PAGE_SIZE, ZONE_BASE } from "@mercury/abi/metal";
import { initializeFrames, linear, recordBytes } from "../mm/frames";
import { initializeZone, zoneListBytes } from "../mm/zone";
import { BOOT_TABLES } from "./paging";
import { blobAt, blobTotal } from "./blobs";
import { MemoryPlan, kernelImageLimit, takeMemory } from "./plan";
import { addUsableFrames, takeRange } from "./ranges";

/**
 * Frame records and the zone's free list, behind everything that was loaded; the rest of memory becomes free frames.
 * False when there is too little of it.
 */
export function prepareAllocators(plan: MemoryPlan): bool {
  const frames = <u32>(plan.kernelEnd / PAGE_SIZE);
  const records = takeMemory(recordBytes(frames));
  const zoneList = takeMemory(zoneListBytes(plan.zoneFrames));
  if (records == 0 || zoneList == 0) return false;
  initializeFrames(linear(records), frames);
  initializeZone(linear(zoneList), plan.zoneFrames, BOOT_TABLES);
  takeRange(0, kernelImageLimit());
  takeRange(ZONE_BASE, plan.zoneEnd);
  takeRange(records, records + recordBytes(frames));
  takeRange(zoneList, zoneList + zoneListBytes(plan.zoneFrames));
  if (plan.reserve != 0) takeRange(plan.reserve, plan.reserve + CHUNK_SIZE);
  for (let index: u32 = 1; index < blobTotal(); index++) takeRange(blobAt(index).start, blobAt(index).end);
  addUsableFrames(plan.kernelEnd);
  return true;
}
