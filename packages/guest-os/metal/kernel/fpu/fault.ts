import { VECTOR_X87_ERROR } from "@mercury/abi/metal";
import { FPE_FLTDIV, FPE_FLTINV, FPE_FLTOVF, FPE_FLTRES, FPE_FLTUND, FPE_FLTUNK } from "../proc/signal-numbers";
import { FPU_STATE_SIZE, FpuState, saveFpu } from "./state";

/** Exception flags, in the status word and in MXCSR alike (SDM 1 8.1.3.3, 10.2.3.1). */
const INVALID: u32 = 1;
const DENORMAL: u32 = 2;
const ZERO_DIVIDE: u32 = 4;
const OVERFLOW: u32 = 8;
const UNDERFLOW: u32 = 0x10;
const PRECISION: u32 = 0x20;
const ALL: u32 = 0x3f;
/** The masks of these in MXCSR. */
const MXCSR_MASKS: u32 = 7;

const image: usize = memory.data(FPU_STATE_SIZE, 16);

/** si_code of the running task's #MF or #XM, whose flags are still in the registers. */
export function fpuFaultCode(vector: u32): u32 {
  saveFpu(image);
  return codeOf(raised(changetype<FpuState>(image), vector));
}

/** The flags that are set and not masked. */
export function raised(state: FpuState, vector: u32): u32 {
  if (vector == VECTOR_X87_ERROR) return <u32>state.status & ~(<u32>state.control) & ALL;
  return state.mxcsr & ~(state.mxcsr >> MXCSR_MASKS) & ALL;
}

/** One code for all flags, the first that counts as in Linux (arch/x86/kernel/fpu/core.c, fpu__exception_code). */
export function codeOf(flags: u32): u32 {
  if ((flags & INVALID) != 0) return FPE_FLTINV;
  if ((flags & ZERO_DIVIDE) != 0) return FPE_FLTDIV;
  if ((flags & OVERFLOW) != 0) return FPE_FLTOVF;
  if ((flags & (UNDERFLOW | DENORMAL)) != 0) return FPE_FLTUND;
  return (flags & PRECISION) != 0 ? FPE_FLTRES : FPE_FLTUNK;
}
