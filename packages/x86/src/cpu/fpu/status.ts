/** Bits of the status word (SDM 1 8.1.3); the exceptions are in `operation.ts`. */
export const status = {
  exceptions: 0x3f,
  stackFault: 0x40,
  /** ES: an unmasked exception is pending. B has the same value. */
  summary: 0x80,
  C0: 0x100,
  C1: 0x200,
  C2: 0x400,
  C3: 0x4000,
  busy: 0x8000,
} as const;

export const conditions: number = status.C0 | status.C1 | status.C2 | status.C3;
/** All but TOP, which is kept apart. */
export const STORED_STATUS = 0xc7ff;

/** The control word after FNINIT: all masked, 64 bits, to nearest (SDM 1 8.1.5). */
export const INITIAL_CONTROL = 0x37f;
/** Bits of the control word that can be set; bit 6 reads as 1 (SDM 1 figure 8-6 leaves the others reserved). */
export const CONTROL_BITS = 0x1f3f;
export const CONTROL_FIXED = 0x40;
