/** Bits of CPUID leaf 1, EDX (SDM 2A table 3-11). */
export const feature = {
  FPU: 0x1,
  VME: 0x2,
  DE: 0x4,
  PSE: 0x8,
  TSC: 0x10,
  MSR: 0x20,
  PAE: 0x40,
  MCE: 0x80,
  CX8: 0x100,
  APIC: 0x200,
  SEP: 0x800,
  MTRR: 0x1000,
  PGE: 0x2000,
  MCA: 0x4000,
  CMOV: 0x8000,
  PAT: 0x10000,
  PSE36: 0x20000,
  CLFSH: 0x80000,
  MMX: 0x800000,
  FXSR: 0x1000000,
  SSE: 0x2000000,
  SSE2: 0x4000000,
} as const;

/** A bit of CPUID leaf 1, EDX, by the manual's name. */
export type FeatureName = keyof typeof feature;

/** The bits of features by their names. */
export const featureBits = (names: readonly FeatureName[]): number => names.reduce((bits, name) => bits | feature[name], 0);
