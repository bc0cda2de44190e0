import { repairEntry } from "mercury:vo";
import {
  PAGE_DEFERRED, PAGE_PRESENT, SHARED_PAGE, SharedPage, SLOT_DIRECT_MAP, ZONE_BASE,
} from "@mercury/abi/metal";
import { linear } from "../mm/frames";
import { loadedDirectory } from "../sched/switch";

/**
 * What virtual mode leaves behind in directories, put right when native mode stumbles over it: slots that the VMM parked, and
 * kernel slots that it never wrote, the window's among them.
 */

/** Whether the fault at `address` was a slot that is now in place. Interrupts are off. */
export function repairSlot(address: usize, present: bool): bool {
  if (present || changetype<SharedPage>(SHARED_PAGE).mode != 0) return false;
  const index = <u32>(address >> 22);
  const slot = linear(loadedDirectory()) + (index << 2);
  const value = load<u32>(slot);
  if ((value & PAGE_PRESENT) != 0) return false;
  if (index < SLOT_DIRECT_MAP) {
    if ((value & PAGE_DEFERRED) == 0) return false;
    repairEntry(<u32>slot, (value & ~PAGE_DEFERRED) | PAGE_PRESENT);
    return true;
  }
  // The master is the zone's first frame (abi/docs/kernel-and-vmm.md).
  const master = load<u32>(linear(ZONE_BASE) + (index << 2));
  if ((master & PAGE_PRESENT) == 0) return false;
  repairEntry(<u32>slot, master);
  return true;
}
