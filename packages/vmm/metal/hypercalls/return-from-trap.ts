import { SELECTOR_KERNEL_CODE_RING1, SELECTOR_KERNEL_DATA_RING1, SELECTOR_USER_CODE, VmmFrame } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { endDomain } from "../console/end";
import { INTERRUPT_FLAG, setVirtualFlag } from "../events/virtual-flag";
import { isOwnData } from "../frames/chunks";
import { guestReturnFlags } from "../traps/flags";

/** eax, eip, cs, eflags; for ring 3 also esp, ss. */
const SAME_RING: u32 = 16;
const OTHER_RING: u32 = 24;

/**
 * The slow path of the return thunk: goes where the frame on the caller's stack says, with what is pending delivered there first. A stack
 * selector that is not good shows at IRETD, as it would natively (traps/return-fault.ts).
 */
export function returnFromTrap(frame: VmmFrame): i32 {
  const at = <usize>frame.esp;
  if (!isOwnData(<u32>at, OTHER_RING)) endDomain(cstr`a trap frame does not lie in the domain's data`, frame);
  const selector = load<u32>(at, 8) & 0xffff;
  const flags = load<u32>(at, 12);
  frame.eax = load<u32>(at);
  frame.eip = load<u32>(at, 4);
  frame.cs = selector;
  frame.flags = guestReturnFlags(flags);
  if (selector == SELECTOR_USER_CODE) {
    frame.esp = load<u32>(at, 16);
    frame.ss = load<u32>(at, 20) & 0xffff;
  } else if (selector == SELECTOR_KERNEL_CODE_RING1) {
    frame.esp = <u32>at + SAME_RING;
    frame.ss = SELECTOR_KERNEL_DATA_RING1;
  } else {
    endDomain(cstr`a trap frame names a code segment that is not the domain's`, frame);
  }
  setVirtualFlag(flags & INTERRUPT_FLAG);
  return <i32>frame.eax;
}
