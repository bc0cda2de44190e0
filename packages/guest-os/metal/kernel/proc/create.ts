import { createFpuState } from "../fpu/state";
import { allocateFrames, linear, physical, releaseFrame } from "../mm/frames";
import { allocate, release } from "../mm/slab";
import { now } from "../sched/clock";
import { setIdleTask } from "../sched/queue";
import { KERNEL_STACK_ORDER, KERNEL_STACK_SIZE, STACK_MARK, TASK_RUNNING, Task, setCurrent } from "../sched/task";
import { TIMER_ALARM, TIMER_WAKE, Timer } from "../sched/timer";
import { TRAP_FRAME_SIZE } from "../trap/frame";
import { SIGNAL_ACTIONS_SIZE } from "./signals";

/** Task records and their kernel stacks. */

/** Where a new task starts: calls EBX, then leaves to user mode through the frame at the top of its stack (stubs/context-switch.ts). */
// @ts-ignore: decorator
@external("sym", "taskStart") export declare function taskStart(): usize;

/** What the context switch pops: EDI, ESI, EBX, EBP, return address. */
const SWITCH_FRAME: usize = 20;
const SWITCH_EBX: usize = 8;
const SWITCH_RETURN: usize = 16;

/** A task without space, files or family, which will call `start` when it first runs; null when memory is out. */
export function createTask(start: usize): Task | null {
  const task = changetype<Task>(allocate(offsetof<Task>()));
  if (changetype<usize>(task) == 0) return null;
  const stack = allocateFrames(KERNEL_STACK_ORDER);
  task.stack = stack == 0 ? 0 : linear(stack);
  task.actions = allocate(SIGNAL_ACTIONS_SIZE);
  task.sleepTimer = newTimer(task, TIMER_WAKE);
  task.alarmTimer = newTimer(task, TIMER_ALARM);
  if (stack == 0 || task.actions == 0 || task.sleepTimer === null || task.alarmTimer === null || !createFpuState(task)) {
    freeTask(task);
    return null;
  }
  task.state = TASK_RUNNING;
  task.startTime = now();
  prepareStack(task, start);
  return task;
}

function newTimer(task: Task, action: u32): Timer | null {
  const timer = changetype<Timer>(allocate(offsetof<Timer>()));
  if (changetype<usize>(timer) == 0) return null;
  timer.task = task;
  timer.action = action;
  return timer;
}

function prepareStack(task: Task, start: usize): void {
  const top = task.stack + KERNEL_STACK_SIZE - TRAP_FRAME_SIZE;
  store<u32>(task.stack, STACK_MARK);
  memory.fill(top - SWITCH_FRAME, 0, SWITCH_FRAME + TRAP_FRAME_SIZE);
  store<usize>(top - SWITCH_FRAME + SWITCH_EBX, start);
  store<usize>(top - SWITCH_FRAME + SWITCH_RETURN, taskStart());
  task.stackPointer = top - SWITCH_FRAME;
}

/** Frees what createTask made. The task does not run, and nothing points to it any more. */
export function freeTask(task: Task): void {
  if (task.stack != 0) releaseFrame(physical(task.stack));
  release(task.actions);
  release(task.fpu);
  release(changetype<usize>(task.sleepTimer));
  release(changetype<usize>(task.alarmTimer));
  release(changetype<usize>(task));
}

/** Makes the running code the idle task, on the stack it has; false when memory is out. */
export function createIdleTask(stack: usize): bool {
  const task = createTask(0);
  if (task === null) return false;
  releaseFrame(physical(task.stack));
  task.stack = stack;
  release(task.fpu);
  task.fpu = 0;
  store<u32>(stack, STACK_MARK);
  setCurrent(task);
  setIdleTask(task);
  return true;
}
