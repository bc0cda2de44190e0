import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { TASK_SLEEPING, TASK_STOPPED, TASK_ZOMBIE, Task, firstTask } from "../sched/task";
import { enqueue } from "../sched/queue";
import { wakeTask } from "../sched/wait";
import {
  IGNORED_BY_DEFAULT, SIGCHLD, SIGCONT, SIGKILL, SIGNALS, SIG_DFL, SIG_IGN, STOP_SIGNALS, UNBLOCKABLE, signalBit,
} from "./signal-numbers";

/** Sending of signals and the sets of a task. Safe from interrupt handlers. Delivery: trap/deliver.ts. */

/** One action, laid out as rt_sigaction(2) on i386 passes it. */
// @ts-ignore: decorator
@unmanaged export class SignalAction {
  handler: usize;
  flags: u32;
  restorer: usize;
  maskLow: u32;
  maskHigh: u32;
}

export const SIGNAL_ACTION_SIZE: usize = offsetof<SignalAction>();
export const SIGNAL_ACTIONS_SIZE: usize = SIGNAL_ACTION_SIZE * SIGNALS;

// @ts-ignore: decorator
@inline export function actionOf(task: Task, signal: u32): SignalAction {
  return changetype<SignalAction>(task.actions + <usize>(signal - 1) * SIGNAL_ACTION_SIZE);
}

/** Whether a signal waits that the task does not block. */
// @ts-ignore: decorator
@inline export function signalPending(task: Task): bool {
  return (task.pending & ~task.blocked) != 0;
}

/** Whether the action is to do nothing, set so or by default. */
export function signalIgnored(task: Task, signal: u32): bool {
  const handler = actionOf(task, signal).handler;
  if (handler == SIG_IGN) return true;
  return handler == SIG_DFL && (IGNORED_BY_DEFAULT & signalBit(signal)) != 0;
}

/** Whether the signal would not reach the task: what a background job's terminal access asks (termios(3), TOSTOP). */
export function signalIgnoredOrBlocked(task: Task, signal: u32): bool {
  return (task.blocked & signalBit(signal)) != 0 || actionOf(task, signal).handler == SIG_IGN;
}

/** Makes a signal (1 to 64) pending and wakes its task as far as the signal demands. */
export function sendSignal(task: Task, signal: u32): void {
  const flags = saveFlags();
  disableInterrupts();
  if (task.state != TASK_ZOMBIE) post(task, signal);
  restoreFlags(flags);
}

function post(task: Task, signal: u32): void {
  const bit = signalBit(signal);
  if (signal == SIGCONT || signal == SIGKILL) {
    task.pending &= ~STOP_SIGNALS;
    resume(task);
  } else if ((bit & STOP_SIGNALS) != 0) {
    task.pending &= ~signalBit(SIGCONT);
  }
  if ((task.blocked & bit) == 0 && signalIgnored(task, signal)) return;
  task.pending |= bit;
  if ((task.blocked & bit) != 0) return;
  if (task.state == TASK_SLEEPING) wakeTask(task);
}

/** Ends a stop; the parent may wait for it. */
function resume(task: Task): void {
  if (task.state != TASK_STOPPED) return;
  task.stopSignal = 0;
  task.continued = 1;
  enqueue(task);
  const parent = task.parent;
  if (parent !== null) notifyParent(parent, true);
}

/** A child's state changed: whoever waits looks again, and SIGCHLD if `signal`. Interrupts are off. */
export function notifyParent(parent: Task, signal: bool): void {
  wakeChildWaiters(parent);
  if (signal) sendSignal(parent, SIGCHLD);
}

/** The wait queue in which a task waits for its children: it stands there alone. */
export function childWaitersOf(task: Task): usize {
  return changetype<usize>(task) + offsetof<Task>("childWaiters");
}

function wakeChildWaiters(parent: Task): void {
  if (parent.queue == childWaitersOf(parent)) wakeTask(parent);
}

/** Sends to every task of a group; whether there was one. */
export function signalGroup(group: u32, signal: u32): bool {
  let found = false;
  let task = firstTask();
  while (task !== null) {
    if (task.group == group && task.state != TASK_ZOMBIE) {
      found = true;
      if (signal != 0) sendSignal(task, signal);
    }
    task = task.nextTask;
  }
  return found;
}

/** Whether no member has a parent in another group of the same session, so that nobody would continue it (POSIX "orphaned process group"). */
export function isOrphanedGroup(group: u32): bool {
  let task = firstTask();
  while (task !== null) {
    const parent = task.parent;
    if (task.group == group && task.state != TASK_ZOMBIE && parent !== null && parent.pid != 1) {
      if (parent.group != group && parent.session == task.session) return false;
    }
    task = task.nextTask;
  }
  return true;
}

/** A synchronous exception: the signal is delivered even if blocked or ignored, by default action then (Linux: force_sig). */
export function forceSignal(task: Task, signal: u32): void {
  const bit = signalBit(signal);
  const action = actionOf(task, signal);
  if (action.handler == SIG_IGN || (task.blocked & bit) != 0) action.handler = SIG_DFL;
  task.blocked &= ~bit;
  task.pending |= bit;
}

/** Replaces the mask; SIGKILL and SIGSTOP stay unblocked. */
export function setBlocked(task: Task, mask: u64): void {
  task.blocked = mask & ~UNBLOCKABLE;
}
