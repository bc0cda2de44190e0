import { SHARED_PAGE, SharedPage } from "@mercury/abi/metal";
import { Shared } from "@mercury/toolchain/metal";

/**
 * Non-maskable interrupts while the kernel has the machine (SDM 3A 6.7): a memory error, a watchdog, a button. The kernel knows no source of one, so they are
 * counted, and nothing else is done: one may have come between any two instructions, whatever the interrupt flag says.
 */
const count: Shared<u32> = changetype<Shared<u32>>(memory.data(4, 4));

/** NMIs since boot that the kernel has taken itself; in virtual mode they are the VMM's. */
export function nonMaskableCount(): u32 {
  return count.value;
}

/** Vector 2. While it is being handled no switch starts (abi: sharedPage.nonMaskable). */
export function nonMaskable(): void {
  const page = changetype<SharedPage>(SHARED_PAGE);
  page.nonMaskable++;
  count.value = count.value + 1;
  page.nonMaskable--;
}
