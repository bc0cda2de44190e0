import { disableInterrupts, enableInterrupts } from "mercury:vo";
import { EINTR, VECTOR_SYSTEM_CALL } from "@mercury/abi/metal";
import { exitTask } from "../proc/exit";
import { SignalAction, actionOf, forceSignal, isOrphanedGroup, notifyParent, setBlocked, signalPending } from "../proc/signals";
import {
  FAULT_SIGNALS, IGNORED_BY_DEFAULT, SA_NOCLDSTOP, SA_NODEFER, SA_RESETHAND, SA_RESTART, SIGCHLD, SIGKILL, SIGSEGV, SIGSTOP, SIG_DFL, SIG_IGN,
  STOP_SIGNALS, signalBit,
} from "../proc/signal-numbers";
import { schedule } from "../sched/queue";
import { TASK_STOPPED, Task, current } from "../sched/task";
import { ERESTARTNOHAND, ERESTARTSYS, ERESTART_RESTARTBLOCK } from "../sched/wait";
import { TrapFrame } from "./frame";
import { pushSignalFrame } from "./signal-frame";

/** Acts on pending signals on the way to user mode: default actions, handlers, and system calls that are to be made again. */

/** Bytes of `int 0x80`. */
const SYSTEM_CALL_LENGTH: u32 = 2;
/** Number of restart_syscall. */
const RESTART_SYSCALL: u32 = 0;
/** Frame.vector of a system call whose restart is decided. */
const DECIDED: u32 = 0xff;

/** Takes signals until a handler is to run or none is left; may not return. Interrupts are on. */
export function deliverSignals(frame: TrapFrame): void {
  const task = current();
  while (signalPending(task)) {
    const signal = takeSignal(task);
    const action = actionOf(task, signal);
    if (action.handler == SIG_IGN) continue;
    if (action.handler == SIG_DFL) {
      defaultAction(task, signal);
      continue;
    }
    restartForHandler(frame, action.flags);
    runHandler(task, frame, signal, action);
    return;
  }
  restartWithoutHandler(frame);
  if (task.restoreMask != 0) {
    task.restoreMask = 0;
    setBlocked(task, task.savedMask);
  }
}

/** The pending signal with the lowest number, but SIGKILL before all. */
function takeSignal(task: Task): u32 {
  disableInterrupts();
  const ready = task.pending & ~task.blocked;
  const signal = (ready & signalBit(SIGKILL)) != 0 ? SIGKILL : <u32>ctz<u64>(ready) + 1;
  task.pending &= ~signalBit(signal);
  enableInterrupts();
  return signal;
}

function defaultAction(task: Task, signal: u32): void {
  const bit = signalBit(signal);
  if ((bit & IGNORED_BY_DEFAULT) != 0) return;
  // Without task 1 the system ends: of signals that it does not handle only its own faults reach it.
  if (task.pid == 1 && (bit & FAULT_SIGNALS) == 0) return;
  if ((bit & STOP_SIGNALS) == 0) exitTask(signal);
  else if (signal == SIGSTOP || !isOrphanedGroup(task.group)) stop(task, signal);
}

/** Sleeps until SIGCONT or SIGKILL. */
function stop(task: Task, signal: u32): void {
  disableInterrupts();
  task.state = TASK_STOPPED;
  task.stopSignal = signal;
  task.continued = 0;
  const parent = task.parent;
  if (parent !== null) tellOfStop(parent);
  schedule();
  enableInterrupts();
}

function tellOfStop(parent: Task): void {
  const quiet = (actionOf(parent, SIGCHLD).flags & SA_NOCLDSTOP) != 0;
  notifyParent(parent, !quiet);
}

/** Whether the frame is of a system call that a signal interrupted and whose result is not decided yet. */
// @ts-ignore: decorator
@inline export function wantsRestart(frame: TrapFrame): bool {
  const code = -(<i32>frame.eax);
  return code >= ERESTARTSYS && code <= ERESTART_RESTARTBLOCK && frame.vector == VECTOR_SYSTEM_CALL;
}

/** A handler runs between: EINTR, unless the call and the action agree to restart. */
function restartForHandler(frame: TrapFrame, flags: u32): void {
  if (!wantsRestart(frame)) return;
  const again = <i32>frame.eax == -ERESTARTSYS && (flags & SA_RESTART) != 0;
  frame.vector = DECIDED;
  if (again) {
    frame.eax = frame.error;
    frame.eip -= SYSTEM_CALL_LENGTH;
  } else {
    frame.eax = <u32>-EINTR;
  }
}

/** No handler: the program never sees that there was a signal. */
function restartWithoutHandler(frame: TrapFrame): void {
  if (!wantsRestart(frame)) return;
  frame.vector = DECIDED;
  frame.eax = <i32>frame.eax == -ERESTART_RESTARTBLOCK ? RESTART_SYSCALL : frame.error;
  frame.eip -= SYSTEM_CALL_LENGTH;
}

function runHandler(task: Task, frame: TrapFrame, signal: u32, action: SignalAction): void {
  const mask = task.restoreMask != 0 ? task.savedMask : task.blocked;
  task.restoreMask = 0;
  if (pushSignalFrame(task, frame, signal, action, mask) != 0) {
    // There is no stack to run a handler on (Linux: force_sigsegv).
    if (signal == SIGSEGV) action.handler = SIG_DFL;
    forceSignal(task, SIGSEGV);
    return;
  }
  let blocked = task.blocked | <u64>action.maskLow | ((<u64>action.maskHigh) << 32);
  if ((action.flags & SA_NODEFER) == 0) blocked |= signalBit(signal);
  if ((action.flags & SA_RESETHAND) != 0) action.handler = SIG_DFL;
  setBlocked(task, blocked);
}
