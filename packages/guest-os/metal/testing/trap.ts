/** Trap handling for tests in Node: one task with a kernel stack, frames by address. */
import { addFrames, initializeFrames, linear } from "../kernel/mm/frames";
import { createTask } from "../kernel/proc/create";
import { installSystemCalls } from "../kernel/syscalls/table";
import { setIdleTask } from "../kernel/sched/queue";
import { KERNEL_STACK_SIZE, current, enlist, setCurrent } from "../kernel/sched/task";
import { TrapFrame } from "../kernel/trap/frame";
import { actionOf, sendSignal, setBlocked } from "../kernel/proc/signals";
import * as dispatch from "../kernel/trap/dispatch";

/** A task of pid 2 whose stack is in the direct map; nothing else runs. */
export function setUpTrap(): void {
  initializeFrames(linear(0x40_0000), 0x440);
  addFrames(0x41_0000, 0x44_0000);
  const task = createTask(0);
  if (task === null) return;
  task.pid = task.group = task.session = 2;
  enlist(task);
  setCurrent(task);
  setIdleTask(task);
  installSystemCalls();
}

export function stackTop(): usize {
  return current().stack + KERNEL_STACK_SIZE;
}

export function trapDispatch(frame: usize): void {
  dispatch.trapDispatch(changetype<TrapFrame>(frame));
}

export function systemCall(frame: usize): void {
  dispatch.systemCall(changetype<TrapFrame>(frame));
}

export function setAction(signal: u32, handler: usize, flags: u32, mask: u32): void {
  const action = actionOf(current(), signal);
  action.handler = handler;
  action.flags = flags;
  action.maskLow = mask;
}

export function send(signal: u32): void {
  sendSignal(current(), signal);
}

export function block(mask: u32): void {
  setBlocked(current(), mask);
}

export function blocked(): u32 {
  return <u32>current().blocked;
}

export function status(): u32 {
  return current().status;
}
