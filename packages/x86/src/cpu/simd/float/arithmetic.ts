import { bitLength } from "../../fpu/number.ts";
import { flag, rounding } from "../../fpu/operation.ts";
import type { Environment } from "./environment.ts";
import { isNaN, type Precision, type Real, signed, unpack } from "./number.ts";
import { round } from "./round.ts";

/** One lane: destination and source as bit patterns; gives the result's. */
export type Lane = (environment: Environment, p: Precision, a: bigint, b: bigint) => bigint;

/** What an operation makes of numbers, none of them NaN. */
type Numbers = (environment: Environment, p: Precision, a: Real, b: Real) => bigint;

export function invalid(environment: Environment, p: Precision): bigint {
  environment.raise(flag.invalid);
  return p.indefinite;
}

/** The first operand if it is a NaN, else the second, made quiet (SDM 1 table 4-7). */
function propagate(environment: Environment, p: Precision, a: Real, b: Real): bigint {
  if (a.kind === "signaling" || b.kind === "signaling") environment.raise(flag.invalid);
  return (isNaN(a) ? a : b).bits | p.quiet;
}

const binary =
  (numbers: Numbers): Lane =>
  (environment, p, first, second) => {
    const a = unpack(first, p, environment);
    const b = unpack(second, p, environment);
    if (isNaN(a) || isNaN(b)) return propagate(environment, p, a, b);
    return numbers(environment, p, a, b);
  };

function noteDenormal(environment: Environment, a: Real, b: Real): void {
  if (a.denormal || b.denormal) environment.raise(flag.denormal);
}

function sum(environment: Environment, p: Precision, a: Real, b: Real): bigint {
  if (a.kind === "infinity" && b.kind === "infinity" && a.sign !== b.sign) return invalid(environment, p);
  noteDenormal(environment, a, b);
  if (a.kind === "infinity" || b.kind === "infinity") return signed(p, (a.kind === "infinity" ? a : b).sign, p.infinity);
  const scale = Math.min(a.scale, b.scale);
  const value = valueAt(a, scale) + valueAt(b, scale);
  if (value !== 0n) return round(environment, p, value < 0n ? 1 : 0, value < 0n ? -value : value, scale);
  // A zero that is the sum of zeros of one sign keeps it; any other is positive, or negative when rounding down (SDM 1 4.8.3.1).
  const sign = a.sign === b.sign ? a.sign : environment.rounding === rounding.down ? 1 : 0;
  return signed(p, sign, 0n);
}

function valueAt({ sign, magnitude, scale }: Real, common: number): bigint {
  const value = magnitude << BigInt(scale - common);
  return sign === 0 ? value : -value;
}

const negated = (a: Real): Real => ({ ...a, sign: a.sign === 0 ? 1 : 0 });

function product(environment: Environment, p: Precision, a: Real, b: Real): bigint {
  const sign = a.sign ^ b.sign;
  const infinite = a.kind === "infinity" || b.kind === "infinity";
  if (infinite && (a.kind === "zero" || b.kind === "zero")) return invalid(environment, p);
  noteDenormal(environment, a, b);
  if (infinite) return signed(p, sign, p.infinity);
  return round(environment, p, sign, a.magnitude * b.magnitude, a.scale + b.scale);
}

function quotient(environment: Environment, p: Precision, a: Real, b: Real): bigint {
  const sign = a.sign ^ b.sign;
  if (a.kind === b.kind && (a.kind === "zero" || a.kind === "infinity")) return invalid(environment, p);
  if (b.kind === "zero") return dividedByZero(environment, p, a, sign);
  noteDenormal(environment, a, b);
  if (a.kind === "infinity") return signed(p, sign, p.infinity);
  if (b.kind === "infinity" || a.kind === "zero") return signed(p, sign, 0n);
  // Two bits more than the format has, and one for what is left.
  const shift = Math.max(0, p.fraction + 3 + bitLength(b.magnitude) - bitLength(a.magnitude));
  const dividend = a.magnitude << BigInt(shift);
  const whole = dividend / b.magnitude;
  const sticky = whole * b.magnitude === dividend ? 0n : 1n;
  return round(environment, p, sign, (whole << 1n) | sticky, a.scale - b.scale - shift - 1);
}

/** An infinity divided by zero is exact. */
function dividedByZero(environment: Environment, p: Precision, a: Real, sign: number): bigint {
  if (a.kind !== "infinity") environment.raise(flag.zeroDivide);
  return signed(p, sign, p.infinity);
}

/** Of the source alone. */
export const squareRoot: Lane = (environment, p, _destination, source) => {
  const a = unpack(source, p, environment);
  if (isNaN(a)) return propagate(environment, p, a, a);
  if (a.kind === "zero") return a.bits;
  if (a.sign === 1) return invalid(environment, p);
  noteDenormal(environment, a, a);
  if (a.kind === "infinity") return a.bits;
  // An even scale, and twice the bits of the format and its rounding.
  const wanted = 2 * (p.fraction + 3) - bitLength(a.magnitude);
  const shift = Math.max(0, wanted) + ((a.scale - Math.max(0, wanted)) & 1);
  const radicand = a.magnitude << BigInt(shift);
  const root = integerRoot(radicand);
  const sticky = root * root === radicand ? 0n : 1n;
  return round(environment, p, 0, (root << 1n) | sticky, (a.scale - shift) / 2 - 1);
};

/** The largest integer whose square is not above `value`, by Newton's method from above. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export const add: Lane = binary(sum);
export const subtract: Lane = binary((environment, p, a, b) => sum(environment, p, a, negated(b)));
export const multiply: Lane = binary(product);
export const divide: Lane = binary(quotient);
