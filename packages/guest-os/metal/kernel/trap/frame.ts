import { KERNEL_STACK_SIZE, Task } from "../sched/task";

/**
 * What the entry stubs leave on the kernel stack (stubs/traps.ts), lowest address first. A trap from the kernel itself ends after eflags.
 * In a system call `error` is the number, which restarting needs once eax is the result.
 */
// @ts-ignore: decorator
@unmanaged export class TrapFrame {
  ebx: u32;
  ecx: u32;
  edx: u32;
  esi: u32;
  edi: u32;
  ebp: u32;
  eax: u32;
  vector: u32;
  error: u32;
  eip: u32;
  cs: u32;
  eflags: u32;
  esp: u32;
  ss: u32;
}

/** Bytes of a frame from user mode. */
export const TRAP_FRAME_SIZE: usize = offsetof<TrapFrame>();
/** EFLAGS.IF */
export const INTERRUPT_FLAG: u32 = 0x200;

/** Ring 0 and ring 1 are the kernel's; frames of either may lie on a stack. */
// @ts-ignore: decorator
@inline export function fromUser(frame: TrapFrame): bool {
  return (frame.cs & 3) == 3;
}

/** The frame with which the task last came from user mode, at the top of its kernel stack. */
// @ts-ignore: decorator
@inline export function userFrame(task: Task): TrapFrame {
  return changetype<TrapFrame>(task.stack + KERNEL_STACK_SIZE - TRAP_FRAME_SIZE);
}
