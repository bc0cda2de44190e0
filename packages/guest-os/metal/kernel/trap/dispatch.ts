import { disableInterrupts, enableInterrupts } from "mercury:vo";
import { ENOSYS, VECTOR_IRQ_BASE, VECTOR_NMI, VECTOR_PAGE_FAULT } from "@mercury/abi/metal";
import { signalPending } from "../proc/signals";
import { rescheduleWanted, yieldProcessor } from "../sched/queue";
import { current } from "../sched/task";
import { systemCallHandler } from "../syscalls/dispatch";
import { deliverSignals, wantsRestart } from "./deliver";
import { exception } from "./exceptions";
import { TrapFrame, fromUser } from "./frame";
import { interrupt } from "./interrupts";
import { nonMaskable } from "./non-maskable";
import { pageFault } from "./page-fault";
import { blameProgram, correctRing, isReturnFault } from "./return-fault";

/** The stubs call here with the frame; interrupts are off on return, when it came from user mode. */

/** Leaves through a frame that is not where the stack pointer is; does not return (stubs/traps.ts). */
// @ts-ignore: decorator
@external("asm", "leaveThrough") export declare function leaveThrough(frame: TrapFrame): void;

/** Vectors but that of system calls. Interrupts are off on entry. */
export function trapDispatch(frame: TrapFrame): void {
  const vector = frame.vector;
  // Back at once, also to user mode: what is due there is not an NMI's to do.
  if (vector == VECTOR_NMI) return nonMaskable();
  if (vector - VECTOR_IRQ_BASE < 16) interrupt(frame, vector - VECTOR_IRQ_BASE);
  else if (vector == VECTOR_PAGE_FAULT) pageFault(frame);
  else fault(frame);
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

/** An exception of the kernel's or a program's making, or of the way back to either. */
function fault(frame: TrapFrame): void {
  if (!isReturnFault(frame)) {
    exception(frame);
    return;
  }
  if (correctRing(frame)) return;
  const user = blameProgram(frame);
  if (user === null) {
    exception(frame);
    return;
  }
  leaveToUser(user);
  leaveThrough(user);
}
