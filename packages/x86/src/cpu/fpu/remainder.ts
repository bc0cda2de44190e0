import { invalid, noteDenormal, special } from "./nan.ts";
import { bitLength, type Extended, kindOf, scaleOf } from "./number.ts";
import type { Operation } from "./operation.ts";
import { round } from "./round.ts";

/** What FPREM and FPREM1 give. */
export interface Remainder {
  readonly value: Extended;
  /** The low three bits of the quotient; undefined where there was nothing to divide. */
  readonly quotient: number | undefined;
  /** The reduction is not complete: C2. */
  readonly partial: boolean;
}

/** Exponents that differ by less are reduced in one go (SDM 2A "FPREM"). */
const WHOLE = 64;

/**
 * a - b * quotient, the quotient being cut (FPREM) or rounded to nearest (FPREM1). An operand much larger than b is only
 * reduced by so many bits that the distance becomes a multiple of 32, which is what P6 processors do.
 */
export function remainder(operation: Operation, a: Extended, b: Extended, nearest: boolean): Remainder {
  const nan = special(operation, a, b);
  if (nan !== undefined) return { value: nan, quotient: undefined, partial: false };
  const [first, second] = [kindOf(a), kindOf(b)];
  if (first === "infinity" || second === "zero") return { value: invalid(operation), quotient: undefined, partial: false };
  noteDenormal(operation, a, b);
  if (first === "zero") return { value: a, quotient: 0, partial: false };
  if (second === "infinity") return { value: rounded(operation, a.sign, a.significand, scaleOf(a)), quotient: 0, partial: false };
  const distance = scaleOf(a) + bitLength(a.significand) - (scaleOf(b) + bitLength(b.significand));
  if (distance < WHOLE) return complete(operation, a, b, nearest);
  const reduced = (distance & 31) | 32;
  const left = distance - reduced;
  const value = modulo(a, b, left);
  return { value: rounded(operation, a.sign, value.magnitude, value.scale), quotient: 0, partial: true };
}

/** The result is exact, whatever the precision control. */
const rounded = (operation: Operation, sign: number, magnitude: bigint, scale: number): Extended =>
  round(operation, sign, magnitude, scale, 64);

/** |a| modulo |b| * 2^left. */
function modulo(a: Extended, b: Extended, left: number): { magnitude: bigint; scale: number; quotient: bigint } {
  const scale = Math.min(scaleOf(a), scaleOf(b) + left);
  const dividend = a.significand << BigInt(scaleOf(a) - scale);
  const divisor = b.significand << BigInt(scaleOf(b) + left - scale);
  return { magnitude: dividend % divisor, scale, quotient: dividend / divisor };
}

function complete(operation: Operation, a: Extended, b: Extended, nearest: boolean): Remainder {
  // Less than half of b: the quotient is 0 either way, and the numbers may be too far apart to bring together.
  const distance = scaleOf(a) + bitLength(a.significand) - (scaleOf(b) + bitLength(b.significand));
  if (distance < -1) return { value: rounded(operation, a.sign, a.significand, scaleOf(a)), quotient: 0, partial: false };
  const { magnitude, scale, quotient } = modulo(a, b, 0);
  const divisor = b.significand << BigInt(scaleOf(b) - scale);
  const twice = magnitude * 2n;
  const up = nearest && (twice > divisor || (twice === divisor && (quotient & 1n) === 1n));
  const low = Number((up ? quotient + 1n : quotient) & 7n);
  const rest = up ? divisor - magnitude : magnitude;
  // A remainder of 0 has the sign of the dividend.
  const sign = up && rest !== 0n ? a.sign ^ 1 : a.sign;
  return { value: rounded(operation, sign, rest, scale), quotient: low, partial: false };
}
