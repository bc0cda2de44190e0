/** Between registers and the other formats in memory (SDM 1 4.2.2, 8.2). */
import { quiet } from "./nan.ts";
import { BIAS, bitLength, extended, type Extended, INTEGER_BIT, isNaN, kindOf, scaleOf, SPECIAL, zero } from "./number.ts";
import { flag, type Operation } from "./operation.ts";
import { fit, overflowsToInfinity, pack, roundShift } from "./round.ts";

/** A single or double: bits of exponent and of fraction. */
export interface Real {
  readonly exponentBits: number;
  readonly fractionBits: number;
  readonly bytes: 4 | 8;
}

export const single: Real = { exponentBits: 8, fractionBits: 23, bytes: 4 };
export const double: Real = { exponentBits: 11, fractionBits: 52, bytes: 8 };

/** The register value of a single or double, exactly; NaNs keep being signaling. */
export function fromReal(bits: bigint, { exponentBits, fractionBits }: Real): Extended {
  const sign = Number((bits >> BigInt(exponentBits + fractionBits)) & 1n);
  const top = (1 << exponentBits) - 1;
  const exponent = Number((bits >> BigInt(fractionBits)) & BigInt(top));
  const fraction = bits & ((1n << BigInt(fractionBits)) - 1n);
  const lifted = fraction << BigInt(63 - fractionBits);
  if (exponent === top) return extended(sign, SPECIAL, INTEGER_BIT | lifted);
  const bias = top >> 1;
  if (exponent !== 0) return extended(sign, exponent - bias + BIAS, INTEGER_BIT | lifted);
  if (fraction === 0n) return zero(sign);
  return { ...pack(sign, fraction, 1 - bias - fractionBits), denormal: true };
}

/**
 * The bits of a register value rounded to a single or double. With overflow or underflow unmasked they are not to be
 * stored when that is reported.
 */
export function toReal(operation: Operation, value: Extended, real: Real): bigint {
  const { exponentBits, fractionBits } = real;
  const top = (1n << BigInt(exponentBits)) - 1n;
  const signBit = BigInt(value.sign) << BigInt(exponentBits + fractionBits);
  const special = top << BigInt(fractionBits);
  const kind = kindOf(value);
  if (kind === "zero") return signBit;
  if (kind === "infinity") return signBit | special;
  if (kind === "unsupported" || kind === "signaling") operation.raise(flag.invalid);
  if (kind === "unsupported") return (1n << BigInt(exponentBits + fractionBits)) | special | (1n << BigInt(fractionBits - 1));
  if (isNaN(value)) return signBit | special | ((quiet(value).significand & (INTEGER_BIT - 1n)) >> BigInt(63 - fractionBits));
  return signBit | finite(operation, value, real);
}

function finite(operation: Operation, value: Extended, { exponentBits, fractionBits }: Real): bigint {
  const bias = (1 << (exponentBits - 1)) - 1;
  const format = { precision: fractionBits + 1, smallest: 1 - bias, largest: bias };
  const unbounded = !operation.isMasked(flag.underflow);
  const fitted = fit(value.significand, scaleOf(value), value.sign, operation.rounding, format, unbounded);
  if (fitted.overflow) return tooLarge(operation, value.sign, bias, fractionBits);
  if (fitted.tiny && (unbounded || fitted.inexact)) operation.raise(flag.underflow);
  if (fitted.inexact) operation.raise(flag.precision);
  operation.roundedUp = fitted.up;
  if (fitted.tiny && unbounded) return 0n;
  return fieldsOf(fitted.value, fitted.scale, bias, fractionBits);
}

function fieldsOf(magnitude: bigint, scale: number, bias: number, fractionBits: number): bigint {
  const integerBit = 1n << BigInt(fractionBits);
  if (magnitude < integerBit) return magnitude;
  // Rounding up to the next power of two leaves one bit too many.
  const carried = bitLength(magnitude) > fractionBits + 1;
  const exponent = BigInt(scale + fractionBits + bias + (carried ? 1 : 0));
  const significand = carried ? magnitude >> 1n : magnitude;
  return (exponent << BigInt(fractionBits)) | (significand & (integerBit - 1n));
}

function tooLarge(operation: Operation, sign: number, bias: number, fractionBits: number): bigint {
  operation.raise(flag.overflow | flag.precision);
  const infinite = BigInt(2 * bias + 1) << BigInt(fractionBits);
  operation.roundedUp = overflowsToInfinity(operation.rounding, sign);
  return operation.roundedUp ? infinite : infinite - 1n;
}

export function fromInteger(value: bigint): Extended {
  if (value === 0n) return zero(0);
  return value < 0n ? pack(1, -value, 0) : pack(0, value, 0);
}

/** A register value rounded to an integer: the number, or undefined where there is none. */
export function toInteger(operation: Operation, value: Extended): bigint | undefined {
  const kind = kindOf(value);
  if (kind === "zero") return 0n;
  // 2^66 and beyond fit no format.
  if (kind !== "normal" && kind !== "denormal") return undefined;
  if (scaleOf(value) > 3) return undefined;
  const { value: magnitude, inexact, up } = roundShift(value.significand, Math.min(-scaleOf(value), 130), operation.rounding, value.sign);
  if (inexact) operation.raise(flag.precision);
  operation.roundedUp = up;
  return value.sign === 0 ? magnitude : -magnitude;
}

/** An integer of so many bits, or the integer indefinite with an invalid operation (SDM 1 4.2.1.2, 8.5.1.2). */
export function toSized(operation: Operation, value: Extended, bits: number): bigint {
  const whole = toInteger(operation, value);
  const limit = 1n << BigInt(bits - 1);
  if (whole !== undefined && whole >= -limit && whole < limit) return whole;
  operation.flags = flag.invalid;
  operation.roundedUp = false;
  return -limit;
}

/** FRNDINT: a register value as an integer of the same format. */
export function roundToInteger(operation: Operation, value: Extended): Extended {
  const shift = -scaleOf(value);
  if (kindOf(value) === "infinity" || shift <= 0 || kindOf(value) === "zero") return value;
  const { value: magnitude, inexact, up } = roundShift(value.significand, Math.min(shift, 130), operation.rounding, value.sign);
  if (inexact) operation.raise(flag.precision);
  operation.roundedUp = up;
  return pack(value.sign, magnitude, 0);
}
