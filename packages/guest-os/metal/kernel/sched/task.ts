import { FileTable } from "../fs/table";
import { Inode } from "../fs/inode";
import { Terminal } from "../tty/terminal";
import { Space } from "../mm/space";
import { Timer } from "./timer";

/** What a task is doing, as /proc shows it. */
export const TASK_RUNNING: u32 = 0x52; // 'R'
export const TASK_SLEEPING: u32 = 0x53; // 'S'
/** Asleep, and no signal wakes it. */
export const TASK_BLOCKED: u32 = 0x44; // 'D'
export const TASK_STOPPED: u32 = 0x54; // 'T'
export const TASK_ZOMBIE: u32 = 0x5a; // 'Z'

/** Bytes of a kernel stack: two frames of the direct map. */
export const KERNEL_STACK_ORDER: u32 = 1;
export const KERNEL_STACK_SIZE: usize = 0x2000;
/** The lowest word of every kernel stack: whatever overwrites it has gone through the stack's end. */
export const STACK_MARK: u32 = 0x4b43_4154;

/** One process with its one thread. */
// @ts-ignore: decorator
@unmanaged export class Task {
  /** ESP while the task does not run. The context-switch stub knows it as offset 0. */
  stackPointer: usize;
  /** Lowest address of the kernel stack. */
  stack: usize;
  state: u32;
  /** Links of the run queue, or of the wait queue the task sleeps on. */
  next: Task | null;
  previous: Task | null;
  /** The wait queue that the task stands in, or 0 (see wait.ts). */
  queue: usize;
  /** Ticks left of the time slice. */
  slice: i32;

  pid: u32;
  group: u32;
  session: u32;
  /** The task that waits for this one; task 1 adopts orphans. */
  parent: Task | null;
  firstChild: Task | null;
  nextSibling: Task | null;
  /** WaitQueue of this task in wait4 (see proc/wait.ts). */
  childWaiters: usize;
  /** Every task, oldest first. */
  nextTask: Task | null;
  previousTask: Task | null;
  /** Exit status as wait4 stores it, valid when a zombie. */
  status: u32;
  /** Signal that stopped the task and was not yet waited for, 0: none; and whether it was continued since the last wait. */
  stopSignal: u32;
  continued: u32;

  space: Space | null;
  /** Image of the FPU's registers while the task does not run (fpu/state.ts); 0: none. */
  fpu: usize;
  fs: u32;
  gs: u32;
  /** set_tid_address: zeroed in user memory at exit; 0: none. */
  clearTid: usize;

  files: FileTable | null;
  directory: Inode | null;
  umask: u32;
  terminal: Terminal | null;

  /** Signal sets: bit n-1 is signal n. */
  pending: u64;
  blocked: u64;
  /** Mask to put back after sigsuspend's handler; valid when restoreMask is 1. */
  savedMask: u64;
  restoreMask: u32;
  /** Array of 64 SignalAction. */
  actions: usize;
  /** The last synchronous exception, for signal frames: its address, vector and error code; the signal that it raised and that signal's si_code. */
  faultAddress: u32;
  faultVector: u32;
  faultCode: u32;
  faultSignal: u32;
  faultSignalCode: u32;

  /** nanosleep that restart_syscall goes on with: deadline, and where the remaining time is wanted. */
  restartDeadline: u64;
  restartRemaining: usize;

  /** For sleeping with a time limit, and alarm(2). */
  sleepTimer: Timer | null;
  alarmTimer: Timer | null;

  /** Three descriptors of thread-local storage, low and high word each. */
  tls0: u64;
  tls1: u64;
  tls2: u64;

  /** Nanoseconds since boot at fork; timer ticks in user and kernel mode, own and of reaped children. */
  startTime: u64;
  userTicks: u32;
  systemTicks: u32;
  childUserTicks: u32;
  childSystemTicks: u32;

  /** Last component of the executed path, at most 15 bytes and a NUL. */
  name0: u64;
  name1: u64;
  /** Inode of the executed file (counted), for /proc/PID/exe. */
  executable: Inode | null;
}

let running: Task = changetype<Task>(0);
let first: Task | null = null;
let last: Task | null = null;
let count: u32 = 0;

/** The task on whose behalf the kernel runs. */
// @ts-ignore: decorator
@inline export function current(): Task {
  return running;
}

/** Only the scheduler says who runs. */
export function setCurrent(task: Task): void {
  running = task;
}

/** The oldest task; go on with nextTask. */
export function firstTask(): Task | null {
  return first;
}

export function nextTask(task: Task): Task | null {
  return task.nextTask;
}

export function taskCount(): u32 {
  return count;
}

/** Address of the 16 bytes of the name. */
// @ts-ignore: decorator
@inline export function taskName(task: Task): usize {
  return changetype<usize>(task) + offsetof<Task>("name0");
}

/** The task with this pid, or null. */
export function findTask(pid: u32): Task | null {
  let task = first;
  while (task !== null) {
    if (task.pid == pid) return task;
    task = task.nextTask;
  }
  return null;
}

/** Appends to the list of all tasks. */
export function enlist(task: Task): void {
  const before = last;
  task.nextTask = null;
  task.previousTask = before;
  if (before !== null) before.nextTask = task;
  else first = task;
  last = task;
  count++;
}

/** Takes a reaped task out of the list of all tasks. */
export function delist(task: Task): void {
  const before = task.previousTask;
  const after = task.nextTask;
  if (before !== null) before.nextTask = after;
  else first = after;
  if (after !== null) after.previousTask = before;
  else last = before;
  count--;
}
