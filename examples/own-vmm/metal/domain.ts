import { KernelRecord, SHARED_PAGE, SharedPage, TRAP_ENTRY_SIZE, TaskState, TrapEntry } from "@mercury/abi/metal";
import { taskStateAddress } from "./machine";

/** EFLAGS.IF (SDM 1 3.4.3), and the only bit of the virtual interrupt flag. */
export const INTERRUPT_FLAG: u32 = 0x200;

/** Whether the VMM owns the machine. */
export let active: bool = false;
/** Where the kernel keeps its record; this VMM copies nothing of it. */
let record: usize = 0;

export function setActive(value: bool): void {
  active = value;
}
export function setRecord(address: usize): void {
  record = address;
}
export function kernelRecord(): KernelRecord {
  return changetype<KernelRecord>(record);
}
export function sharedPage(): SharedPage {
  return changetype<SharedPage>(SHARED_PAGE);
}
/** This VMM's task state: its own stack, and the current thread's for traps into ring 1. */
export function taskState(): TaskState {
  return changetype<TaskState>(taskStateAddress());
}
/** The native one. */
export function nativeTaskState(): TaskState {
  return changetype<TaskState>(<usize>kernelRecord().taskState);
}

/** Row of the kernel's trap table, or null. */
export function trapOf(vector: u32): TrapEntry | null {
  const table = <usize>kernelRecord().trapTable;
  for (let row: u32 = 0; row < kernelRecord().trapCount; row++) {
    const entry = changetype<TrapEntry>(table + <usize>(row * TRAP_ENTRY_SIZE));
    if (entry.vector == vector) return entry;
  }
  return null;
}
