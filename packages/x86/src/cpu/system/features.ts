import { at, cr4 } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { feature } from "./feature.ts";

/** What is true of this processor, and nothing else. */
export const FEATURES: number =
  feature.FPU |
  feature.VME |
  feature.DE |
  feature.PSE |
  feature.TSC |
  feature.MSR |
  feature.PAE |
  feature.MCE |
  feature.CX8 |
  feature.SEP |
  feature.MTRR |
  feature.PGE |
  feature.MCA |
  feature.CMOV |
  feature.PAT |
  feature.PSE36 |
  feature.CLFSH |
  feature.MMX |
  feature.FXSR |
  feature.SSE |
  feature.SSE2;

/** CPUID leaf 80000001H, EDX: execute disable. */
export const NX: number = 1 << 20;
/** Family 6, model 13, stepping 8: a Pentium M with execute disable. */
export const CPUID_SIGNATURE = 0x6d8;
/** Bits of a physical address. */
export const PHYSICAL_BITS = 36;
export const MICROCODE_REVISION = 1;
/** 48 characters, blanks in front as Intel has them. */
export const brand: string = "Mercury IA-32 processor, Pentium M class".padStart(47);

const has = (bits: number): boolean => (FEATURES & bits) === bits;

/** Bits of CR4 that exist here; setting another raises #GP(0) (SDM 2B "MOV - Move to/from Control Registers"). */
export const CR4_BITS: number =
  cr4.TSD |
  cr4.DE |
  cr4.PSE |
  cr4.PAE |
  cr4.MCE |
  cr4.PGE |
  cr4.PCE |
  (has(feature.VME) ? cr4.VME | cr4.PVI : 0) |
  (has(feature.FXSR) ? cr4.OSFXSR : 0) |
  (has(feature.SSE) ? cr4.OSXMMEXCPT : 0);

/** Bit 11 of IA32_APIC_BASE: the local APIC is not disabled for good (SDM 3A 10.4.3). */
const APIC_ENABLED = 1 << 11;

/** Leaf 1, EDX, without what the machine's maker wants hidden: a local APIC counts while there is one and it is enabled. */
export function featuresOf(core: Core): number {
  const apic = core.bus.moveLocalApic !== undefined && (core.state.get(at.apicBase) & APIC_ENABLED) !== 0;
  return (apic ? FEATURES | feature.APIC : FEATURES) & ~core.state.get(at.hiddenFeatures);
}
