import { cpuid, loadLdt, readDr7, readMsr, writeDr7, writeMsr } from "@mercury/toolchain/metal";

/** IA32_SYSENTER_CS (SDM 4 table 2-2); 0 makes SYSENTER raise #GP (SDM 2B SYSENTER). */
const SYSENTER_CS: u32 = 0x174;
/** CPUID leaf 1, EDX bit 11: SYSENTER and its registers exist (SDM 2A CPUID). */
const SEP: u32 = 0x800;
/** Enable bits of the four breakpoints in DR7 (SDM 3B 17.2.4). */
const BREAKPOINTS: u32 = 0xff;

let hasSysenter: bool = false;
let savedSysenter: u64 = 0;
let savedDebug: u32 = 0;
const features: usize = memory.data(16, 16);

export function examineProcessor(): void {
  cpuid(1, 0, features);
  hasSysenter = (load<u32>(features, 12) & SEP) != 0;
}

/**
 * The kernel's breakpoints are off while the VMM runs, as an address may be one of the VMM's; SYSENTER would enter ring 0. After a reset the
 * processor takes 64 KB at address 0 for a local descriptor table, though LDTR is null (SDM 3A table 9-1), and whoever maps a page there
 * could call ring 0 through it: LLDT makes an end of that.
 */
export function adoptProcessor(): void {
  loadLdt(0);
  savedDebug = readDr7();
  if ((savedDebug & BREAKPOINTS) != 0) writeDr7(savedDebug & ~BREAKPOINTS);
  if (!hasSysenter) return;
  savedSysenter = readMsr(SYSENTER_CS);
  if (savedSysenter != 0) writeMsr(SYSENTER_CS, 0);
}

export function releaseProcessor(): void {
  if ((savedDebug & BREAKPOINTS) != 0) writeDr7(savedDebug);
  if (savedSysenter != 0) writeMsr(SYSENTER_CS, savedSysenter);
}
