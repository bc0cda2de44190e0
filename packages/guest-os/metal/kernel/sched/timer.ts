import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { sendSignal } from "../proc/signals";
import { SIGALRM } from "../proc/signal-numbers";
import { now } from "./clock";
import { Task } from "./task";
import { wakeTask } from "./wait";

/** Timers in one list, the next deadline first. A machine of this size has a few dozen; insertion is a walk. */

/** What happens at the deadline. */
export const TIMER_WAKE: u32 = 0;
export const TIMER_ALARM: u32 = 1;

// @ts-ignore: decorator
@unmanaged export class Timer {
  /** Nanoseconds since boot. */
  deadline: u64;
  next: Timer | null;
  previous: Timer | null;
  task: Task;
  action: u32;
  running: u32;
}

let first: Timer | null = null;

/** Starts a timer, or moves one that runs. */
export function startTimer(timer: Timer, deadline: u64): void {
  const flags = saveFlags();
  disableInterrupts();
  unlink(timer);
  timer.deadline = deadline;
  insert(timer);
  restoreFlags(flags);
}

/** Stops a timer; one that does not run stays as it is. */
export function cancelTimer(timer: Timer): void {
  const flags = saveFlags();
  disableInterrupts();
  unlink(timer);
  restoreFlags(flags);
}

/** Fires every timer whose deadline has come; called by the tick with interrupts on, which are off only while the list changes. */
export function expireTimers(): void {
  const time = now();
  while (expireOne(time)) {}
}

function expireOne(time: u64): bool {
  const flags = saveFlags();
  disableInterrupts();
  const timer = first;
  const due = timer !== null && timer.deadline <= time;
  if (due) {
    unlink(timer!);
    fire(timer!);
  }
  restoreFlags(flags);
  return due;
}

function fire(timer: Timer): void {
  if (timer.action == TIMER_ALARM) sendSignal(timer.task, SIGALRM);
  else wakeTask(timer.task);
}

/** Behind all with the same deadline, so that equal sleepers wake in the order in which they lay down. */
function insert(timer: Timer): void {
  let before: Timer | null = null;
  let after = first;
  while (after !== null && after.deadline <= timer.deadline) {
    before = after;
    after = after.next;
  }
  timer.previous = before;
  timer.next = after;
  if (before !== null) before.next = timer;
  else first = timer;
  if (after !== null) after.previous = timer;
  timer.running = 1;
}

function unlink(timer: Timer): void {
  if (timer.running == 0) return;
  const before = timer.previous;
  const after = timer.next;
  if (before !== null) before.next = after;
  else first = after;
  if (after !== null) after.previous = before;
  timer.running = 0;
}
