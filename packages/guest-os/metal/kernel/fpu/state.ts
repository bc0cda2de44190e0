import { allocate } from "../mm/slab";
import { Task } from "../sched/task";
import { hasFpu } from "./unit";

/**
 * The x87, MMX and SSE registers of tasks. They are the running task's at all times, in kernel code too, which uses none of them, and move at the switch
 * alone: always, and never on demand by CR0.TS. So no operation on the machine is needed for them, and the VMM neither sees nor touches them.
 */

/** What FXSAVE stores (SDM 2A, FXSAVE): this, eight x87 registers of 16 bytes, eight XMM registers; 16-aligned. */
// @ts-ignore: decorator
@unmanaged export class FpuState {
  control: u16;
  status: u16;
  /** A bit for each of R0 to R7: 1, the register is not empty. */
  tags: u16;
  opcode: u16;
  instruction: u32;
  instructionSelector: u32;
  operand: u32;
  operandSelector: u32;
  mxcsr: u32;
  mxcsrMask: u32;
}

export const FPU_STATE_SIZE: usize = 512;
export const FPU_REGISTERS: usize = 32;
/** Bytes between two x87 registers; the register has 10. */
export const FPU_REGISTER_STEP: usize = 16;

/** FCW and MXCSR of a new program: all exceptions masked, extended precision, to nearest (SDM 1 8.1.5, 10.2.3; System V i386 ABI). */
const FIRST_CONTROL: u16 = 0x37f;
const FIRST_MXCSR: u32 = 0x1f80;
/** MXCSR bits of a processor whose image says 0 (SDM 1 11.6.6). */
const DEFAULT_MXCSR_MASK: u32 = 0xffbf;

/** Stores the FPU's state at `image`, 16-aligned; it stays in the registers (stubs/fpu.ts). */
// @ts-ignore: decorator
@external("asm", "saveFpu") export declare function saveFpu(image: usize): void;
/** Loads what saveFpu stored. MXCSR must have no bit that the processor does not know. */
// @ts-ignore: decorator
@external("asm", "loadFpu") export declare function loadFpu(image: usize): void;

/** The state with which programs and signal handlers start. */
const first: usize = memory.data(512, 16);
let knownMxcsr: u32 = DEFAULT_MXCSR_MASK;

/** Once, after enableFpu. */
export function prepareFpuStates(): void {
  if (!hasFpu()) return;
  const state = changetype<FpuState>(first);
  saveFpu(first);
  if (state.mxcsrMask != 0) knownMxcsr = state.mxcsrMask;
  memory.fill(first, 0, FPU_STATE_SIZE);
  state.control = FIRST_CONTROL;
  state.mxcsr = FIRST_MXCSR;
}

/** Bits of MXCSR that may be loaded; any other is a #GP. */
export function mxcsrMask(): u32 {
  return knownMxcsr;
}

/** A task's first state; false when memory is out. */
export function createFpuState(task: Task): bool {
  if (!hasFpu()) return true;
  task.fpu = allocate(FPU_STATE_SIZE);
  if (task.fpu == 0) return false;
  memory.copy(task.fpu, first, FPU_STATE_SIZE);
  return true;
}

/** The registers at a switch. The idle task has none; what it leaves there is never seen, as every other task brings its own. */
// @ts-ignore: decorator
@inline export function switchFpu(previous: Task, next: Task): void {
  if (previous.fpu != 0) saveFpu(previous.fpu);
  if (next.fpu != 0) loadFpu(next.fpu);
}

/** A child starts with the registers that the running task has. */
export function copyFpu(child: Task): void {
  if (child.fpu != 0) saveFpu(child.fpu);
}

/** The running task's registers as a program finds them when it starts. */
export function resetFpu(): void {
  if (hasFpu()) loadFpu(first);
}
