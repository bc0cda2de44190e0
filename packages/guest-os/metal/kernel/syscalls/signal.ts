import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { EFAULT, EINVAL, ESRCH } from "@mercury/abi/metal";
import { copyFromUser, copyToUser } from "../mm/user-copy";
import { SIGKILL, SIGNALS, SIGSTOP, signalBit } from "../proc/signal-numbers";
import { SIGNAL_ACTION_SIZE, actionOf, sendSignal, setBlocked, signalGroup, signalIgnored } from "../proc/signals";
import { NANOSECONDS_PER_SECOND, now } from "../sched/clock";
import { TASK_ZOMBIE, current, findTask, firstTask } from "../sched/task";
import { cancelTimer, startTimer } from "../sched/timer";
import { ERESTARTNOHAND, WaitQueue, sleepOn } from "../sched/wait";
import { userFrame } from "../trap/frame";
import { popInfoFrame, popPlainFrame } from "../trap/signal-frame";

/** Signals: sending, actions, masks, waiting, and the return from a handler. */

/** Bytes of a signal set; every call that passes one says so. */
const SET_SIZE: u32 = 8;
const SIG_BLOCK: u32 = 0;
const SIG_UNBLOCK: u32 = 1;
const SIG_SETMASK: u32 = 2;

const set: usize = memory.data(8, 8);
const action: usize = memory.data(20, 4);

export function sysKill(pid: u32, signal: u32): i32 {
  if (signal > SIGNALS) return -EINVAL;
  const target = <i32>pid;
  if (target > 0) return killOne(pid, signal);
  if (target == -1) return killAll(signal);
  const group = target == 0 ? current().group : <u32>-target;
  return signalGroup(group, signal) ? 0 : -ESRCH;
}

function killOne(pid: u32, signal: u32): i32 {
  const task = findTask(pid);
  if (task === null) return -ESRCH;
  if (signal != 0) sendSignal(task, signal);
  return 0;
}

/** Every process but task 1 and the caller. */
function killAll(signal: u32): i32 {
  const me = current();
  let found = false;
  let task = firstTask();
  while (task !== null) {
    if (task.pid > 1 && task !== me && task.state != TASK_ZOMBIE) {
      found = true;
      if (signal != 0) sendSignal(task, signal);
    }
    task = task.nextTask;
  }
  return found ? 0 : -ESRCH;
}

export function sysTgkill(group: u32, thread: u32, signal: u32): i32 {
  if (signal > SIGNALS || <i32>group <= 0 || <i32>thread <= 0) return -EINVAL;
  return group == thread ? killOne(thread, signal) : -ESRCH;
}

export function sysRtSigaction(signal: u32, next: u32, old: u32, size: u32): i32 {
  if (size != SET_SIZE || signal == 0 || signal > SIGNALS) return -EINVAL;
  if (next != 0 && (signal == SIGKILL || signal == SIGSTOP)) return -EINVAL;
  const task = current();
  const mine = actionOf(task, signal);
  if (next != 0 && copyFromUser(action, next, SIGNAL_ACTION_SIZE) != 0) return -EFAULT;
  if (old != 0 && copyToUser(old, changetype<usize>(mine), SIGNAL_ACTION_SIZE) != 0) return -EFAULT;
  if (next == 0) return 0;
  const flags = saveFlags();
  disableInterrupts();
  memory.copy(changetype<usize>(mine), action, SIGNAL_ACTION_SIZE);
  // A signal that is ignored from now on is not pending any more (POSIX: sigaction).
  if (signalIgnored(task, signal)) task.pending &= ~signalBit(signal);
  restoreFlags(flags);
  return 0;
}

export function sysRtSigprocmask(how: u32, next: u32, old: u32, size: u32): i32 {
  if (size != SET_SIZE) return -EINVAL;
  const task = current();
  const before = task.blocked;
  if (next != 0) {
    if (copyFromUser(set, next, SET_SIZE) != 0) return -EFAULT;
    const wanted = load<u64>(set);
    if (how == SIG_BLOCK) setBlocked(task, before | wanted);
    else if (how == SIG_UNBLOCK) setBlocked(task, before & ~wanted);
    else if (how == SIG_SETMASK) setBlocked(task, wanted);
    else return -EINVAL;
  }
  if (old == 0) return 0;
  store<u64>(set, before);
  return copyToUser(old, set, SET_SIZE);
}

export function sysRtSigpending(to: u32, size: u32): i32 {
  if (size > SET_SIZE) return -EINVAL;
  const task = current();
  store<u64>(set, task.pending & task.blocked);
  return copyToUser(to, set, size);
}

/** Sleeps with another mask until a handler has run or the process ends. */
export function sysRtSigsuspend(mask: u32, size: u32): i32 {
  if (size != SET_SIZE) return -EINVAL;
  if (copyFromUser(set, mask, SET_SIZE) != 0) return -EFAULT;
  const task = current();
  task.savedMask = task.blocked;
  task.restoreMask = 1;
  setBlocked(task, load<u64>(set));
  return sysPause();
}

/** Nobody wakes this queue: only signals end the sleep. */
const nothing: WaitQueue = changetype<WaitQueue>(memory.data(4, 4));

export function sysPause(): i32 {
  while (sleepOn(nothing) == 0) {}
  return -ERESTARTNOHAND;
}

/** Seconds that were left of the alarm before, rounded up. */
export function sysAlarm(seconds: u32): i32 {
  const timer = current().alarmTimer!;
  const time = now();
  const left = timer.running != 0 && timer.deadline > time ? timer.deadline - time : 0;
  if (seconds == 0) cancelTimer(timer);
  else startTimer(timer, time + <u64>seconds * NANOSECONDS_PER_SECOND);
  return <i32>((left + NANOSECONDS_PER_SECOND - 1) / NANOSECONDS_PER_SECOND);
}

export function sysSigreturn(): i32 {
  return finishReturn(popPlainFrame(current(), userFrame(current())));
}

export function sysRtSigreturn(): i32 {
  return finishReturn(popInfoFrame(current(), userFrame(current())));
}

/** What the frame said is EAX; a frame that cannot be read leaves nothing to go on with. */
function finishReturn(value: i32): i32 {
  const frame = userFrame(current());
  if (frame.vector != 0) sendSignal(current(), SIGKILL);
  return value;
}
