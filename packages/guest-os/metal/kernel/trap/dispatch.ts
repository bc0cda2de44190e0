import { disableInterrupts, enableInterrupts } from "mercury:vo";
import { ENOSYS, VECTOR_GENERAL_PROTECTION, VECTOR_IRQ_BASE, VECTOR_PAGE_FAULT } from "@mercury/abi/metal";
import { signalPending } from "../proc/signals";
import { rescheduleWanted, yieldProcessor } from "../sched/queue";
import { current } from "../sched/task";
import { systemCallHandler } from "../syscalls/dispatch";
import { deliverSignals, wantsRestart } from "./deliver";
import { exception } from "./exceptions";
import { TrapFrame, fromUser } from "./frame";
import { interrupt } from "./interrupts";
import { pageFault } from "./page-fault";

/** The stubs call here with the frame; interrupts are off on return, when it came from user mode. */

/** Address of the returnFromTrap site in the common exit (stubs/traps.ts). */
// @ts-ignore: decorator
@external("sym", "trapReturnSite") export declare function trapReturnSite(): usize;

/** Vectors but that of system calls. Interrupts are off on entry. */
export function trapDispatch(frame: TrapFrame): void {
  const vector = frame.vector;
  if (vector - VECTOR_IRQ_BASE < 16) interrupt(frame, vector - VECTOR_IRQ_BASE);
  else if (vector == VECTOR_PAGE_FAULT) pageFault(frame);
  else if (vector != VECTOR_GENERAL_PROTECTION || !correctedReturn(frame)) exception(frame);
  if (fromUser(frame)) leaveToUser(frame);
}

/** `int 0x80`. Interrupts are on on entry. */
export function systemCall(frame: TrapFrame): void {
  const handler = systemCallHandler(frame.eax);
  frame.eax = handler == 0 ? <u32>-ENOSYS : call_indirect<u32>(handler, frame);
  // Also when the signal that interrupted the call was cancelled since (SIGCONT and the stop signals cancel one another).
  if (wantsRestart(frame)) deliverSignals(frame);
  leaveToUser(frame);
}

/** What is due before user mode runs again. Leaves interrupts off, so that nothing becomes due between the test and the return. */
export function leaveToUser(frame: TrapFrame): void {
  while (true) {
    disableInterrupts();
    if (rescheduleWanted()) {
      yieldProcessor();
    } else if (signalPending(current())) {
      enableInterrupts();
      deliverSignals(frame);
    } else {
      return;
    }
  }
}

/**
 * A frame that virtual mode built for the kernel has RPL 1; after a detach IRETD refuses it and leaves it in place, right above this fault's own
 * frame (SDM 2A IRET: #GP with the selector). It becomes a frame of ring 0, and the return is tried again.
 */
function correctedReturn(frame: TrapFrame): bool {
  if (fromUser(frame) || <usize>frame.eip != trapReturnSite()) return false;
  const above = changetype<usize>(frame) + offsetof<TrapFrame>("esp");
  const selector = above + 4;
  if ((load<u32>(selector) & 3) != 1) return false;
  store<u32>(selector, load<u32>(selector) & ~3);
  return true;
}
