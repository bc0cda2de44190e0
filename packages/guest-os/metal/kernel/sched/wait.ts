import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { signalPending } from "../proc/signals";
import { enqueue, schedule } from "./queue";
import { TASK_BLOCKED, TASK_SLEEPING, Task, current } from "./task";
import { cancelTimer, startTimer } from "./timer";
import { now } from "./clock";

/**
 * Wait queues. A condition that an interrupt handler may make true is tested with interrupts off, and sleepOn called with them still
 * off: nothing is lost between, as the switch to another task is what lets interrupts in again.
 */

/** A system call that a signal interrupted before it did anything: the return path restarts it or answers EINTR. Never reaches user mode. */
export const ERESTARTSYS: i32 = 512;
/** As ERESTARTSYS, but only a stop or an ignored signal restarts it; a handler makes it EINTR. */
export const ERESTARTNOHAND: i32 = 514;

// @ts-ignore: decorator
@unmanaged export class WaitQueue {
  first: Task | null;
}

/** Bytes of a WaitQueue, for those who embed one: `changetype<WaitQueue>(address)`. */
export const WAIT_QUEUE_SIZE: usize = offsetof<WaitQueue>();

/** Tasks in poll: woken by every wakeAll, as they wait for any of several queues. */
const pollers: WaitQueue = changetype<WaitQueue>(memory.data(4, 4));

/** Sleeps until woken. 0, or -ERESTARTSYS when a signal is pending (before or after). Interrupts come back as they were. */
export function sleepOn(queue: WaitQueue): i32 {
  const flags = saveFlags();
  disableInterrupts();
  if (signalPending(current())) {
    restoreFlags(flags);
    return -ERESTARTSYS;
  }
  block(queue, TASK_SLEEPING);
  restoreFlags(flags);
  return signalPending(current()) ? -ERESTARTSYS : 0;
}

/** As sleepOn, whatever signals are pending. */
export function sleepUninterruptibly(queue: WaitQueue): void {
  const flags = saveFlags();
  disableInterrupts();
  block(queue, TASK_BLOCKED);
  restoreFlags(flags);
}

/** As sleepOn, until `deadline` (nanoseconds since boot) at the latest: 0 when woken or late (compare now()), or -ERESTARTSYS. */
export function sleepOnUntil(queue: WaitQueue, deadline: u64): i32 {
  const flags = saveFlags();
  disableInterrupts();
  const me = current();
  if (signalPending(me)) {
    restoreFlags(flags);
    return -ERESTARTSYS;
  }
  if (now() < deadline) {
    const timer = me.sleepTimer!;
    startTimer(timer, deadline);
    block(queue, TASK_SLEEPING);
    cancelTimer(timer);
  }
  restoreFlags(flags);
  return signalPending(me) ? -ERESTARTSYS : 0;
}

/** A sleep that a signal interrupted and that restart_syscall goes on with, unless a handler ran. */
export const ERESTART_RESTARTBLOCK: i32 = 516;

/** Sleeps until any wakeAll or `deadline`; for poll, which looks at all its files again. */
export function sleepOnAny(deadline: u64): i32 {
  return sleepOnUntil(pollers, deadline);
}

/** Wakes every sleeper; from interrupt handlers too. */
export function wakeAll(queue: WaitQueue): void {
  const flags = saveFlags();
  disableInterrupts();
  drain(queue);
  drain(pollers);
  restoreFlags(flags);
}

/** Takes one task out of whatever it sleeps on; interrupts are off. */
export function wakeTask(task: Task): void {
  if (task.queue == 0) return;
  removeFrom(changetype<WaitQueue>(task.queue), task);
  enqueue(task);
}

function block(queue: WaitQueue, state: u32): void {
  const me = current();
  const before = queue.first;
  me.next = before;
  me.previous = null;
  if (before !== null) before.previous = me;
  queue.first = me;
  me.queue = changetype<usize>(queue);
  me.state = state;
  schedule();
}

function removeFrom(queue: WaitQueue, task: Task): void {
  const before = task.previous;
  const after = task.next;
  if (before !== null) before.next = after;
  else queue.first = after;
  if (after !== null) after.previous = before;
  task.queue = 0;
}

/** The longest sleeper first, so that readers of a pipe take turns. */
function drain(queue: WaitQueue): void {
  let task = queue.first;
  if (task === null) return;
  let after = task.next;
  while (after !== null) {
    task = after;
    after = after.next;
  }
  while (task !== null) {
    const before: Task | null = task.previous;
    task.queue = 0;
    enqueue(task);
    task = before;
  }
  queue.first = null;
}
