import { bitLength } from "../../fpu/number.ts";
import { flag } from "../../fpu/operation.ts";
import { fit, overflowsToInfinity } from "../../fpu/round.ts";
import type { Environment } from "./environment.ts";
import { type Precision, signed } from "./number.ts";

/**
 * The bits of magnitude * 2^scale in a format, with overflow, underflow and precision exceptions (SDM 1 11.5.2). What the low bits
 * of an inexact magnitude lack, its lowest bit must stand for.
 */
export function round(environment: Environment, p: Precision, sign: number, magnitude: bigint, scale: number): bigint {
  if (magnitude === 0n) return signed(p, sign, 0n);
  // An unmasked underflow is about the result before it was cut to the format's range.
  const unbounded = !environment.isMasked(flag.underflow);
  const fitted = fit(magnitude, scale, sign, environment.rounding, p.format, unbounded);
  if (fitted.overflow) return overflow(environment, p, sign, fitted.inexact);
  if (fitted.tiny) return underflow(environment, p, sign, fitted.value, fitted.inexact);
  if (fitted.inexact) environment.raise(flag.precision);
  return signed(p, sign, pack(p, fitted.value, fitted.scale));
}

function overflow(environment: Environment, p: Precision, sign: number, inexact: boolean): bigint {
  environment.raise(flag.overflow);
  // Likewise for an unmasked overflow.
  if (environment.isMasked(flag.overflow) || inexact) environment.raise(flag.precision);
  return signed(p, sign, overflowsToInfinity(environment.rounding, sign) ? p.infinity : p.infinity - 1n);
}

/** `value` counts units of the smallest denormal; where the exception is not masked, no result will be written. */
function underflow(environment: Environment, p: Precision, sign: number, value: bigint, inexact: boolean): bigint {
  if (!environment.isMasked(flag.underflow)) {
    environment.raise(inexact ? flag.underflow | flag.precision : flag.underflow);
    return signed(p, sign, 0n);
  }
  if (environment.flushes) {
    environment.raise(flag.underflow | flag.precision);
    return signed(p, sign, 0n);
  }
  if (inexact) environment.raise(flag.underflow | flag.precision);
  return signed(p, sign, value);
}

/** A magnitude that is a normal number of the format. */
function pack(p: Precision, magnitude: bigint, scale: number): bigint {
  const shift = p.fraction + 1 - bitLength(magnitude);
  const significand = shift >= 0 ? magnitude << BigInt(shift) : magnitude >> BigInt(-shift);
  const exponent = scale - shift + p.fraction + p.bias;
  // The significand's integer bit adds one to the exponent.
  return (BigInt(exponent - 1) << BigInt(p.fraction)) + significand;
}
