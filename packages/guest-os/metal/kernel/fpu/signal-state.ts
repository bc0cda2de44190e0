import { copyFromUser, copyToUser } from "../mm/user-copy";
import { FPU_REGISTERS, FPU_REGISTER_STEP, FPU_STATE_SIZE, FpuState, loadFpu, mxcsrMask, resetFpu, saveFpu } from "./state";
import { hasFpu } from "./unit";

/**
 * The FPU's state in signal frames, struct _fpstate_32 of Linux i386 (arch/x86/include/uapi/asm/sigcontext.h): what FNSAVE would store, a word more, and
 * what FXSAVE stores. A handler may change either; going back, x87 is the first part's and SSE the second's, as Linux has it.
 */

/** FNSAVE's image in 32-bit protected mode (SDM 1 figure 8-9), then the eight registers, 10 bytes each. */
// @ts-ignore: decorator
@unmanaged export class LegacyState {
  control: u32;
  status: u32;
  tags: u32;
  instruction: u32;
  /** Selector, and in the high half the opcode. */
  instructionSelector: u32;
  operand: u32;
  operandSelector: u32;
}

const LEGACY_REGISTERS: usize = 28;
const REGISTER_SIZE: usize = 10;
const STATUS_COPY: usize = 108;
const LEGACY_SIZE: usize = 112;
/** Bytes of the whole; the 16 bits behind the status word's copy are 0: the FXSAVE image counts. */
export const SIGNAL_STATE_SIZE: usize = LEGACY_SIZE + FPU_STATE_SIZE;
/** Alignment of the FXSAVE image on a program's stack (Linux: fpu__alloc_mathframe). */
const ALIGNMENT: u32 = 64;
/** High halves of the 16-bit words that FNSAVE stores as 32 bits. */
const HIGH: u32 = 0xffff_0000;

// Tags (SDM 1 8.1.7).
const TAG_VALID: u32 = 0;
const TAG_ZERO: u32 = 1;
const TAG_SPECIAL: u32 = 2;
const TAG_EMPTY: u32 = 3;

/** The state on its way; tasks do not sleep between filling and emptying it. */
const scratch: usize = memory.data(SIGNAL_STATE_SIZE, 16);
const image: usize = scratch + LEGACY_SIZE;

/** Where below a stack pointer the state goes; 0 where there is none. */
export function signalStateAt(stack: u32): u32 {
  return hasFpu() ? ((stack - <u32>FPU_STATE_SIZE) & ~(ALIGNMENT - 1)) - <u32>LEGACY_SIZE : 0;
}

/** Stores the running task's state at user address `at`: 0 or -EFAULT. */
export function storeSignalState(at: usize): i32 {
  if (at == 0) return 0;
  // FXSAVE leaves bytes as they were, and another task's may have been here.
  memory.fill(scratch, 0, SIGNAL_STATE_SIZE);
  saveFpu(image);
  fillLegacy(scratch);
  return copyToUser(at, scratch, SIGNAL_STATE_SIZE);
}

/** Loads what a frame says, or with 0 for its address a new program's state: 0, or -EFAULT and nothing has changed. */
export function loadSignalState(at: usize): i32 {
  if (!hasFpu()) return 0;
  if (at == 0) {
    resetFpu();
    return 0;
  }
  const error = copyFromUser(scratch, at, SIGNAL_STATE_SIZE);
  if (error != 0) return error;
  takeLegacy(scratch);
  loadFpu(image);
  return 0;
}

/** Makes the first part of the state at `at` from its second. */
export function fillLegacy(at: usize): void {
  const legacy = changetype<LegacyState>(at);
  const state = changetype<FpuState>(at + LEGACY_SIZE);
  legacy.control = <u32>state.control | HIGH;
  legacy.status = <u32>state.status | HIGH;
  legacy.tags = fullTags(state) | HIGH;
  legacy.instruction = state.instruction;
  legacy.instructionSelector = (state.instructionSelector & 0xffff) | (<u32>state.opcode << 16);
  legacy.operand = state.operand;
  legacy.operandSelector = state.operandSelector & 0xffff | HIGH;
  for (let index: usize = 0; index < 8; index++) memory.copy(legacyRegister(at, index), register(state, index), REGISTER_SIZE);
  store<u32>(at + STATUS_COPY, <u32>state.status);
}

/** Brings the x87 part of the second part in line with the first, and leaves in MXCSR what can be loaded. */
export function takeLegacy(at: usize): void {
  const legacy = changetype<LegacyState>(at);
  const state = changetype<FpuState>(at + LEGACY_SIZE);
  state.control = <u16>legacy.control;
  state.status = <u16>legacy.status;
  state.tags = shortTags(legacy.tags);
  state.opcode = <u16>(legacy.instructionSelector >> 16);
  state.instruction = legacy.instruction;
  state.instructionSelector = legacy.instructionSelector & 0xffff;
  state.operand = legacy.operand;
  state.operandSelector = legacy.operandSelector & 0xffff;
  state.mxcsr &= mxcsrMask();
  for (let index: usize = 0; index < 8; index++) memory.copy(register(state, index), legacyRegister(at, index), REGISTER_SIZE);
}

/** ST(index) */
function register(state: FpuState, index: usize): usize {
  return changetype<usize>(state) + FPU_REGISTERS + index * FPU_REGISTER_STEP;
}

function legacyRegister(at: usize, index: usize): usize {
  return at + LEGACY_REGISTERS + index * REGISTER_SIZE;
}

/** Tags are those of R0 to R7, registers those of the stack: R(n) is ST(n - TOP) (SDM 1 8.1.2). */
function fullTags(state: FpuState): u32 {
  const top = (<u32>state.status >> 11) & 7;
  let tags: u32 = 0;
  for (let index: u32 = 0; index < 8; index++) {
    const filled = ((<u32>state.tags >> index) & 1) != 0;
    tags |= (filled ? tagOf(register(state, <usize>((index - top) & 7))) : TAG_EMPTY) << (index * 2);
  }
  return tags;
}

function tagOf(register: usize): u32 {
  const exponent = <u32>load<u16>(register, 8) & 0x7fff;
  const significand = load<u64>(register);
  if (exponent == 0) return significand == 0 ? TAG_ZERO : TAG_SPECIAL;
  return exponent != 0x7fff && <i64>significand < 0 ? TAG_VALID : TAG_SPECIAL;
}

function shortTags(tags: u32): u16 {
  let short: u32 = 0;
  for (let index: u32 = 0; index < 8; index++) if (((tags >> (index * 2)) & 3) != TAG_EMPTY) short |= 1 << index;
  return <u16>short;
}
