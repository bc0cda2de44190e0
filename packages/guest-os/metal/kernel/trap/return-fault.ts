import { SELECTOR_USER_CODE, SELECTOR_USER_DATA } from "@mercury/abi/metal";
import { SIGSEGV, SI_KERNEL } from "../proc/signal-numbers";
import { current } from "../sched/task";
import { signalFault } from "./exceptions";
import { TrapFrame, fromUser, userFrame } from "./frame";

/**
 * Faults of the returning IRETD itself: the registers are the interrupted code's again, the frame that it refused stays in place and lies right above
 * the fault's own (SDM 2A IRET).
 */

/** Address of the returnFromTrap site in the common exit (stubs/traps.ts). */
// @ts-ignore: decorator
@external("sym", "trapReturnSite") export declare function trapReturnSite(): usize;

/** Registers that a frame starts with: EBX to EAX. */
const REGISTERS_SIZE: usize = offsetof<TrapFrame>("vector");

/** Whether the fault is the return's. */
// @ts-ignore: decorator
@inline export function isReturnFault(frame: TrapFrame): bool {
  return !fromUser(frame) && <usize>frame.eip == trapReturnSite();
}

/** Address of the CS in the frame that IRETD refused. */
function refusedSelector(frame: TrapFrame): usize {
  return changetype<usize>(frame) + offsetof<TrapFrame>("esp") + 4;
}

/** A frame of the kernel that virtual mode built has RPL 1, which native mode refuses: it becomes one of ring 0, to be tried again. */
export function correctRing(frame: TrapFrame): bool {
  const selector = refusedSelector(frame);
  if ((load<u32>(selector) & 3) != 1) return false;
  store<u32>(selector, load<u32>(selector) & ~3);
  return true;
}

/**
 * A program's CS or SS names a descriptor that is gone (set_thread_area cleared it): the frame becomes one of a trap from user mode with a SIGSEGV, its
 * segments flat (Linux: fixup_bad_iret). The user frame at the stack's top, or null when the refused frame is the kernel's.
 */
export function blameProgram(frame: TrapFrame): TrapFrame | null {
  if ((load<u32>(refusedSelector(frame)) & 3) != 3) return null;
  const user = userFrame(current());
  const vector = frame.vector;
  const error = frame.error;
  memory.copy(changetype<usize>(user), changetype<usize>(frame), REGISTERS_SIZE);
  user.vector = vector;
  user.error = error;
  user.cs = SELECTOR_USER_CODE;
  user.ss = SELECTOR_USER_DATA;
  signalFault(user, SIGSEGV, SI_KERNEL, vector, user.eip);
  return user;
}
