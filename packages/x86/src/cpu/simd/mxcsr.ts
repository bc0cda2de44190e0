/** MXCSR (SDM 1 figure 10-3): exception flags in bits 0 to 5, their masks seven bits higher. */
export const mxcsr = { IE: 0x1, DE: 0x2, ZE: 0x4, OE: 0x8, UE: 0x10, PE: 0x20, DAZ: 0x40, maskShift: 7, RC: 0x6000, FTZ: 0x8000 } as const;
export const EXCEPTION_FLAGS = 0x3f;
/** At reset: everything masked, to nearest (SDM 3A table 9-1). */
export const MXCSR_RESET = 0x1f80;
/** Bits that exist; loading another raises #GP(0) (SDM 1 10.2.3, 11.6.6). */
export const MXCSR_MASK = 0xffff;
