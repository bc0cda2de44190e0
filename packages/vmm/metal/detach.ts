import {
  GDT_TASK_STATE, GDT_VMM_TASK_STATE, REASON_ALWAYS_ON, REASON_BAD_DESCRIPTOR, REASON_NONE, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA, TaskState,
  VMM_FRAME_SIZE, VmmFrame,
} from "@mercury/abi/metal";
import { loadNativeTables } from "./descriptors/exchange";
import { clearBusy, clearTls, copyTls } from "./descriptors/gdt";
import { taskState } from "./descriptors/task-state";
import { reloadUserSegments } from "./descriptors/user-segments";
import { nativeGdt, nativeTaskState } from "./domains/facts";
import { alwaysOn, currentDirectory, setActive, sharedPage } from "./domains/first";
import { INTERRUPT_FLAG, virtualFlag } from "./events/virtual-flag";
import { isOwnData } from "./frames/chunks";
import { FORM_NATIVE } from "./sites";
import { gdt, stackTop } from "./symbols";
import { loadDirectoryAfresh } from "./tables/flush";
import { clearLeafArea } from "./tables/landing";
import { refuse } from "./tables/refusal";
import { closeSystemCall } from "./traps/idt";

/** Bytes that the way out to ring 0 writes on the kernel's stack (stubs/switch.ts: nativeExit). */
const NATIVE_FRAME: u32 = 16;

/** 0, or why the VMM keeps the machine: it booted first, or the kernel's stack cannot take the native frame. The first domain is the only one there can be. */
export function releasable(): u32 {
  if (alwaysOn) return REASON_ALWAYS_ON;
  // The request came from ring 1, so its frame lies where the processor begins one: under the stack's top.
  const stack = changetype<VmmFrame>(stackTop() - <usize>VMM_FRAME_SIZE).esp;
  if (isOwnData(stack - NATIVE_FRAME, NATIVE_FRAME)) return REASON_NONE;
  refuse(0, stack);
  return REASON_BAD_DESCRIPTOR;
}

/** The kernel's tables, with the current thread's TLS and stack; the VMM's own as they were sealed. */
export function releaseDescriptors(): void {
  copyTls(<usize>nativeGdt, gdt());
  changetype<TaskState>(<usize>nativeTaskState).esp0 = taskState().esp1;
  clearBusy(<usize>nativeGdt, GDT_TASK_STATE);
  loadNativeTables();
  clearBusy(gdt(), GDT_VMM_TASK_STATE);
  clearTls();
  taskState().esp1 = 0;
  closeSystemCall();
}

/** The last step: the domain's own directory, FS and GS, ring 0. Deferred slots and missing kernel slots are the kernel's to repair when touched. */
export function enterNative(at: u32): void {
  const frame = changetype<VmmFrame>(<usize>at);
  clearLeafArea();
  loadDirectoryAfresh(currentDirectory);
  reloadUserSegments(<usize>nativeGdt);
  frame.cs = SELECTOR_KERNEL_CODE;
  frame.ss = SELECTOR_KERNEL_DATA;
  frame.flags = (frame.flags & ~INTERRUPT_FLAG) | virtualFlag();
  sharedPage().mode = FORM_NATIVE;
  setActive(false);
}
