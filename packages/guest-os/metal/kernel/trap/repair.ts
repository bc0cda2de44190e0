import {
  PAGE_DEFERRED, PAGE_PRESENT, SHARED_PAGE, SharedPage, SLOT_DIRECT_MAP,
} from "@mercury/abi/metal";
import { kernelRecord } from "../boot/record";
import { linear } from "../mm/frames";
import { loadedDirectory } from "../sched/switch";

/**
 * What virtual mode leaves behind in directories, put right when native mode stumbles over it: slots that the VMM parked, and
 * kernel slots that it never wrote. Both are stores into the read-only zone with CR0.WP clear, as the window itself may be what is missing.
 */

/** Stores with CR0.WP clear (stubs/repair.ts). Interrupts are off. */
// @ts-ignore: decorator
@external("asm", "storeProtected") export declare function storeProtected(address: usize, value: u32): void;

/** Whether the fault at `address` was a slot that is now in place. Interrupts are off. */
export function repairSlot(address: usize, present: bool): bool {
  if (present || changetype<SharedPage>(SHARED_PAGE).mode != 0) return false;
  const index = <u32>(address >> 22);
  const slot = linear(loadedDirectory()) + (index << 2);
  const value = load<u32>(slot);
  if ((value & PAGE_PRESENT) != 0) return false;
  if (index < SLOT_DIRECT_MAP) {
    if ((value & PAGE_DEFERRED) == 0) return false;
    storeProtected(slot, (value & ~PAGE_DEFERRED) | PAGE_PRESENT);
    return true;
  }
  const master = load<u32>(linear(kernelRecord().masterDirectory) + (index << 2));
  if ((master & PAGE_PRESENT) == 0) return false;
  storeProtected(slot, master);
  return true;
}
