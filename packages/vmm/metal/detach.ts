import {
  GDT_TASK_STATE, GDT_VMM_TASK_STATE, REASON_ALWAYS_ON, REASON_NONE, SELECTOR_KERNEL_CODE, SELECTOR_KERNEL_DATA, TaskState,
  VmmFrame,
} from "@mercury/abi/metal";
import { loadNativeTables } from "./descriptors/exchange";
import { clearBusy, clearTls, copyTls } from "./descriptors/gdt";
import { taskState } from "./descriptors/task-state";
import { reloadUserSegments } from "./descriptors/user-segments";
import { nativeGdt, nativeTaskState } from "./domains/facts";
import { alwaysOn, currentDirectory, setActive, sharedPage } from "./domains/first";
import { INTERRUPT_FLAG, virtualFlag } from "./events/virtual-flag";
import { FORM_NATIVE } from "./sites";
import { gdt } from "./symbols";
import { loadDirectoryAfresh } from "./tables/flush";
import { clearLeafArea } from "./tables/landing";
import { closeSystemCall } from "./traps/idt";

/** 0, or why the VMM keeps the machine. The first domain is the only one there can be. */
export function releasable(): u32 {
  return alwaysOn ? REASON_ALWAYS_ON : REASON_NONE;
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
