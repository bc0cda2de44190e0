import { BIAS, bitLength, extended, type Extended, infinity, INTEGER_BIT, zero } from "./number.ts";
import { flag, type Operation, type Rounding, rounding } from "./operation.ts";

/** The bias of results that an unmasked overflow or underflow delivers to a register (SDM 1 8.5.4, 8.5.5). */
export const WRAP = 0x6000;

/** A magnitude cut to fewer bits. */
export interface Rounded {
  readonly value: bigint;
  readonly inexact: boolean;
  /** Away from zero. */
  readonly up: boolean;
}

/** Divides a magnitude by 2^`shift` and rounds; a negative shift is exact. */
export function roundShift(magnitude: bigint, shift: number, mode: Rounding, sign: number): Rounded {
  if (shift <= 0) return { value: magnitude << BigInt(-shift), inexact: false, up: false };
  const places = BigInt(shift);
  const value = magnitude >> places;
  const rest = magnitude - (value << places);
  if (rest === 0n) return { value, inexact: false, up: false };
  const up = roundsUp(value, rest, 1n << (places - 1n), mode, sign);
  return { value: up ? value + 1n : value, inexact: true, up };
}

function roundsUp(value: bigint, rest: bigint, half: bigint, mode: Rounding, sign: number): boolean {
  if (mode === rounding.nearest) return rest > half || (rest === half && (value & 1n) === 1n);
  if (mode === rounding.truncate) return false;
  return (mode === rounding.up) === (sign === 0);
}

/** A binary format: bits of significand, and exponents of the smallest and largest normal numbers. */
export interface Format {
  readonly precision: number;
  readonly smallest: number;
  readonly largest: number;
}

/** What rounding to a format gave: value = magnitude * 2^scale, or too large for the format. */
export interface Fitted extends Rounded {
  readonly scale: number;
  /** Exponent of the value rounded as if exponents had no bounds. */
  readonly exponent: number;
  readonly overflow: boolean;
  /** Below the smallest normal number after rounding as if exponents had no bounds (SDM 1 4.9.1.5). */
  readonly tiny: boolean;
}

/** Rounds magnitude * 2^scale, which is not 0, to a format with its denormals; with `unbounded`, as if exponents had no bounds. */
export function fit(magnitude: bigint, scale: number, sign: number, mode: Rounding, format: Format, unbounded: boolean): Fitted {
  const { precision, smallest, largest } = format;
  const top = scale + bitLength(magnitude) - 1;
  const free = roundShift(magnitude, top - (precision - 1) - scale, mode, sign);
  const exponent = bitLength(free.value) > precision ? top + 1 : top;
  const tiny = exponent < smallest;
  const overflow = exponent > largest;
  if (!tiny || unbounded) return { ...free, scale: top - (precision - 1), exponent, overflow, tiny };
  const lowest = smallest - (precision - 1);
  return { ...roundShift(magnitude, lowest - scale, mode, sign), scale: lowest, exponent, overflow, tiny };
}

const registerFormat = (precision: number): Format => ({ precision, smallest: 1 - BIAS, largest: BIAS });

/** Whether an overflow rounds to infinity rather than to the largest finite number (SDM 1 table 4-10). */
export function overflowsToInfinity(mode: Rounding, sign: number): boolean {
  if (mode === rounding.nearest) return true;
  return mode !== rounding.truncate && (mode === rounding.up) === (sign === 0);
}

/**
 * The register value of magnitude * 2^scale, rounded by precision and rounding control, with overflow, underflow and
 * precision exceptions. What the low bits of an inexact magnitude lack, its lowest bit must stand for.
 */
export function round(
  operation: Operation,
  sign: number,
  magnitude: bigint,
  scale: number,
  precision: number = operation.precision,
): Extended {
  if (magnitude === 0n) return zero(sign);
  const unbounded = !operation.isMasked(flag.underflow);
  const fitted = fit(magnitude, scale, sign, operation.rounding, registerFormat(precision), unbounded);
  if (fitted.overflow && operation.isMasked(flag.overflow)) return overflowed(operation, sign, precision);
  if (fitted.overflow) operation.raise(flag.overflow);
  if (fitted.tiny && (unbounded || fitted.inexact)) operation.raise(flag.underflow);
  if (fitted.inexact) operation.raise(flag.precision);
  operation.roundedUp = fitted.up;
  const wrap = fitted.overflow ? -WRAP : fitted.tiny && unbounded ? WRAP : 0;
  return pack(sign, fitted.value, fitted.scale + wrap);
}

function overflowed(operation: Operation, sign: number, precision: number): Extended {
  operation.raise(flag.overflow | flag.precision);
  operation.roundedUp = overflowsToInfinity(operation.rounding, sign);
  if (operation.roundedUp) return infinity(sign);
  const ones = ((1n << BigInt(precision)) - 1n) << BigInt(64 - precision);
  return extended(sign, 2 * BIAS, ones);
}

/** The register value that is exactly magnitude * 2^scale; it must be one. */
export function pack(sign: number, magnitude: bigint, scale: number): Extended {
  if (magnitude === 0n) return zero(sign);
  const shift = 64 - bitLength(magnitude);
  const exponent = scale - shift + 63 + BIAS;
  if (exponent >= 1) return extended(sign, exponent, shift >= 0 ? magnitude << BigInt(shift) : magnitude >> BigInt(-shift));
  // Denormal: one unit of the significand is 2^(1 - BIAS - 63). Rounding up to the integer bit makes it normal.
  const lift = scale - (1 - BIAS - 63);
  const significand = lift >= 0 ? magnitude << BigInt(lift) : magnitude >> BigInt(-lift);
  return extended(sign, significand >= INTEGER_BIT ? 1 : 0, significand);
}
