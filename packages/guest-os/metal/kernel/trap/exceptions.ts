import { cstr } from "@mercury/toolchain/metal";
import {
  VECTOR_ALIGNMENT_CHECK, VECTOR_BREAKPOINT, VECTOR_DEBUG, VECTOR_DEVICE_NOT_AVAILABLE, VECTOR_DIVIDE_ERROR, VECTOR_INVALID_OPCODE,
  VECTOR_SEGMENT_NOT_PRESENT, VECTOR_SIMD_ERROR, VECTOR_STACK_FAULT, VECTOR_X87_ERROR,
} from "@mercury/abi/metal";
import { fpuFaultCode } from "../fpu/fault";
import { FPE_INTDIV, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SI_KERNEL } from "../proc/signal-numbers";
import { forceSignal } from "../proc/signals";
import { current } from "../sched/task";
import { fixUp } from "./fix-up";
import { TrapFrame, fromUser } from "./frame";
import { panicAt } from "./panic";

/** Exceptions other than page faults: a signal for a program, a fix-up or the end for the kernel. */
export function exception(frame: TrapFrame): void {
  if (fromUser(frame)) {
    signalFault(frame, signalOf(frame.vector), codeOf(frame.vector), frame.vector, frame.eip);
    return;
  }
  if (!fixUp(frame)) panicAt(frame, cstr`exception in the kernel`, 0);
}

/** The signal of an exception, as Linux i386 chooses it (arch/x86/kernel/traps.c). #NM comes only where there is no FPU: its instructions are illegal. */
function signalOf(vector: u32): u32 {
  switch (vector) {
    case VECTOR_DIVIDE_ERROR:
    case VECTOR_X87_ERROR:
    case VECTOR_SIMD_ERROR:
      return SIGFPE;
    case VECTOR_DEBUG:
    case VECTOR_BREAKPOINT:
      return SIGTRAP;
    case VECTOR_INVALID_OPCODE:
    case VECTOR_DEVICE_NOT_AVAILABLE:
      return SIGILL;
    case VECTOR_SEGMENT_NOT_PRESENT:
    case VECTOR_STACK_FAULT:
    case VECTOR_ALIGNMENT_CHECK:
      return SIGBUS;
    default:
      return SIGSEGV;
  }
}

/** si_code of an exception other than a page fault. */
function codeOf(vector: u32): u32 {
  switch (vector) {
    case VECTOR_DIVIDE_ERROR:
      return FPE_INTDIV;
    case VECTOR_X87_ERROR:
    case VECTOR_SIMD_ERROR:
      return fpuFaultCode(vector);
    default:
      return SI_KERNEL;
  }
}

/** Notes what happened, for the signal frame, and makes the signal pending; it is delivered on the way out. `code` is its si_code. */
export function signalFault(frame: TrapFrame, signal: u32, code: u32, vector: u32, address: u32): void {
  const task = current();
  task.faultAddress = address;
  task.faultVector = vector;
  task.faultCode = frame.error;
  task.faultSignal = signal;
  task.faultSignalCode = code;
  forceSignal(task, signal);
}
