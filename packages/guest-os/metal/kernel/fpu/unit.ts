import { cpuid, readCr0, readCr4, writeCr0, writeCr4 } from "@mercury/toolchain/metal";

/** What the processor has for programs (CPUID), and the control registers that give them x87, MMX and SSE. */

// Features in EDX of CPUID leaf 1 (SDM 2A, CPUID).
const FEATURE_FPU: u32 = 1;
const FEATURE_SYSENTER: u32 = 1 << 11;
const FEATURE_MMX: u32 = 1 << 23;
const FEATURE_FXSR: u32 = 1 << 24;
const FEATURE_SSE: u32 = 1 << 25;
const FEATURE_SSE2: u32 = 1 << 26;
/** What programs have only where the kernel keeps its state. */
const NEEDS_STATE: u32 = FEATURE_FPU | FEATURE_MMX | FEATURE_FXSR | FEATURE_SSE | FEATURE_SSE2;

/** CR0: MP, EM, TS (SDM 3A 2.5). */
const MONITOR: u32 = 1 << 1;
const EMULATE: u32 = 1 << 2;
const TASK_SWITCHED: u32 = 1 << 3;
/** CR4: FXSAVE keeps SSE's registers too, and SSE's exceptions are vector 19. */
const OSFXSR: u32 = 1 << 9;
const OSXMMEXCPT: u32 = 1 << 10;

const leaf: usize = memory.data(16, 4);
let features: u32 = 0;

/**
 * Reads what there is and switches it on (SDM 3A 9.2, 13.1). Without FXSAVE, which every processor since the Pentium II has, CR0.EM stays
 * as the boot stub set it: x87 and SSE raise #NM and #UD, and programs are told that there is no FPU. Ring 0, before there is a VMM.
 */
export function enableFpu(): void {
  cpuid(1, 0, leaf);
  // The kernel has no entry for SYSENTER.
  features = load<u32>(leaf, 12) & ~FEATURE_SYSENTER;
  if ((features & FEATURE_FPU) == 0 || (features & FEATURE_FXSR) == 0) {
    features &= ~NEEDS_STATE;
    return;
  }
  writeCr4(readCr4() | OSFXSR | ((features & FEATURE_SSE) != 0 ? OSXMMEXCPT : 0));
  writeCr0((readCr0() & ~(EMULATE | TASK_SWITCHED)) | MONITOR);
}

/** Whether programs have floating point, so that tasks have its state. */
// @ts-ignore: decorator
@inline export function hasFpu(): bool {
  return (features & FEATURE_FPU) != 0;
}

/** EDX of CPUID leaf 1, less what the kernel does not let programs use: AT_HWCAP, and the flags in /proc/cpuinfo. */
export function programFeatures(): u32 {
  return features;
}
