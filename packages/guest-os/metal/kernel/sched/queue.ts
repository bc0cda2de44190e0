import { disableInterrupts, idle, restoreFlags, saveFlags } from "mercury:vo";
import { SLICE_TICKS } from "./tick";
import { switchTo } from "./switch";
import { TASK_RUNNING, Task, current } from "./task";

/** The run queue: round robin in order of readiness. All of it runs with interrupts off. */

let first: Task | null = null;
let last: Task | null = null;
let idler: Task = changetype<Task>(0);
let wanted: bool = false;

/** The task that runs when no other can. */
export function idleTask(): Task {
  return idler;
}

export function setIdleTask(task: Task): void {
  idler = task;
}

/** The running task gives way on its return to user mode. */
export function requestReschedule(): void {
  wanted = true;
}

/** Whether the running task should give way. */
// @ts-ignore: decorator
@inline export function rescheduleWanted(): bool {
  return wanted;
}

/** Makes a task ready, behind all others. */
export function enqueue(task: Task): void {
  task.state = TASK_RUNNING;
  task.next = null;
  task.previous = last;
  const before = last;
  if (before !== null) before.next = task;
  else first = task;
  last = task;
}

function dequeue(): Task {
  const task = first;
  if (task === null) return idler;
  const after = task.next;
  first = after;
  if (after !== null) after.previous = null;
  else last = null;
  return task;
}

/** Runs the next ready task; returns when this one is chosen again. The caller has put itself where it will be found, or is the idle task. */
export function schedule(): void {
  const previous = current();
  const next = dequeue();
  wanted = false;
  next.slice = SLICE_TICKS;
  if (next !== previous) switchTo(previous, next);
}

/** Lets the others run first. */
export function yieldProcessor(): void {
  const flags = saveFlags();
  disableInterrupts();
  if (first !== null) {
    enqueue(current());
    schedule();
  } else {
    wanted = false;
    current().slice = SLICE_TICKS;
  }
  restoreFlags(flags);
}

/** What the idle task does, for ever. */
export function idleLoop(): void {
  while (true) {
    disableInterrupts();
    if (first !== null) schedule();
    else idle();
  }
}
