import { disableInterrupts, enableInterrupts, readFaultAddress } from "mercury:vo";
import { cstr } from "@mercury/toolchain/metal";
import { EFAULT, USER_END, VECTOR_PAGE_FAULT } from "@mercury/abi/metal";
import { findArea } from "../mm/area";
import { resolveFault } from "../mm/fault";
import { Space, areasOf } from "../mm/space";
import { signalFault } from "./exceptions";
import { INTERRUPT_FLAG, TrapFrame, fromUser } from "./frame";
import { fixUp } from "./fix-up";
import { repairSlot } from "./repair";
import { panicAt } from "./panic";
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGSEGV } from "../proc/signal-numbers";
import { current } from "../sched/task";

/** Error code bits of a page fault (SDM 3A 4.7). */
const FAULT_PRESENT: u32 = 1;
const FAULT_WRITE: u32 = 2;

/** Interrupts are off until the fault address is read. */
export function pageFault(frame: TrapFrame): void {
  const address = <usize>readFaultAddress();
  if (repairSlot(address, (frame.error & FAULT_PRESENT) != 0)) return;
  if ((frame.eflags & INTERRUPT_FLAG) != 0) enableInterrupts();
  const space = current().space;
  const result = space === null || address >= USER_END ? -EFAULT : resolveFault(space, address, (frame.error & FAULT_WRITE) != 0);
  disableInterrupts();
  if (result == 0) return;
  if (fromUser(frame)) {
    if (result == -EFAULT) signalFault(frame, SIGSEGV, refusal(space, address), VECTOR_PAGE_FAULT, <u32>address);
    else signalFault(frame, SIGBUS, BUS_ADRERR, VECTOR_PAGE_FAULT, <u32>address);
    return;
  }
  if (!fixUp(frame)) panicAt(frame, cstr`page fault in the kernel`, <u32>address);
}

/** Whether there is nothing at an address, or something that the program may not access so. */
function refusal(space: Space | null, address: usize): u32 {
  return space !== null && findArea(areasOf(space), address) !== null ? SEGV_ACCERR : SEGV_MAPERR;
}
