/** Exception flags of the status word, and masks of the control word, in the same places (SDM 1 8.1.3.3, 8.1.5.1). */
export const flag = { invalid: 0x01, denormal: 0x02, zeroDivide: 0x04, overflow: 0x08, underflow: 0x10, precision: 0x20 } as const;

/** Exceptions that are found before anything is computed: unmasked, they leave all operands as they were (SDM 1 8.5). */
const BEFORE = flag.invalid | flag.denormal | flag.zeroDivide;

/** Rounding control (SDM 1 table 4-8). */
export const rounding = { nearest: 0, down: 1, up: 2, truncate: 3 } as const;
export type Rounding = (typeof rounding)[keyof typeof rounding];

/** Bits of significand by precision control; 01 is reserved and taken as 64 (SDM 1 table 8-2). */
const precisions = [24, 64, 53, 64] as const;

/** How one operation is to round, and what it met with. */
export class Operation {
  readonly control: number;
  /** Exceptions so far. */
  flags = 0;
  /** The result was rounded away from zero: C1 (SDM 1 8.1.3.3). */
  roundedUp = false;

  /** `control` is the control word. */
  constructor(control: number) {
    this.control = control;
  }

  get rounding(): Rounding {
    // Two bits are exactly the four values.
    return ((this.control >> 10) & 3) as Rounding;
  }

  get precision(): 24 | 53 | 64 {
    return precisions[(this.control >> 8) & 3] ?? 64;
  }

  raise(flags: number): void {
    this.flags |= flags;
  }

  isMasked(flags: number): boolean {
    return (this.control & flags) !== 0;
  }

  /** An unmasked exception forbids the operation; those that would come of its result are not reported. */
  get isRefused(): boolean {
    return (this.flags & BEFORE & ~this.control) !== 0;
  }

  /** The exceptions to report. */
  get reported(): number {
    return this.isRefused ? this.flags & BEFORE : this.flags;
  }
}
