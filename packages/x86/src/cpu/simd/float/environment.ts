import type { Rounding } from "../../fpu/operation.ts";
import { mxcsr } from "../mxcsr.ts";

/** MXCSR while one lane is computed: control bits in, exceptions out. */
export class Environment {
  /** MXCSR as it was. */
  readonly control: number;
  readonly rounding: Rounding;
  /** Exceptions of the lane. */
  exceptions = 0;

  constructor(control: number) {
    this.control = control;
    // Two bits are exactly the four values.
    this.rounding = ((control & mxcsr.RC) >> ROUNDING_SHIFT) as Rounding;
  }

  get flushes(): boolean {
    return (this.control & mxcsr.FTZ) !== 0;
  }

  raise(exceptions: number): void {
    this.exceptions |= exceptions;
  }

  isMasked(exception: number): boolean {
    return (this.control & (exception << mxcsr.maskShift)) !== 0;
  }
}

const ROUNDING_SHIFT = 13;
