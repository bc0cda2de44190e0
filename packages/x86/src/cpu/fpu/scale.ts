import { invalid, noteDenormal, special } from "./nan.ts";
import { BIAS, bitLength, extended, type Extended, infinity, INTEGER_BIT, kindOf, scaleOf, zero } from "./number.ts";
import { flag, type Operation } from "./operation.ts";
import { pack, round } from "./round.ts";

/** Larger scale factors do not differ in their effect. */
const LIMIT = 0x10000;

/** a * 2^b, b cut to an integer: SDM 2A table 3-35. */
export function scale(operation: Operation, a: Extended, b: Extended): Extended {
  const nan = special(operation, a, b);
  if (nan !== undefined) return nan;
  const [first, second] = [kindOf(a), kindOf(b)];
  if (second === "infinity") return scaleByInfinity(operation, a, b);
  noteDenormal(operation, a, b);
  if (first === "infinity" || first === "zero") return a;
  return scaleBy(operation, a, factorOf(b));
}

function scaleByInfinity(operation: Operation, a: Extended, b: Extended): Extended {
  const first = kindOf(a);
  if (first === (b.sign === 0 ? "zero" : "infinity")) return invalid(operation);
  noteDenormal(operation, a);
  return b.sign === 0 ? infinity(a.sign) : zero(a.sign);
}

function factorOf(b: Extended): number {
  const top = scaleOf(b) + bitLength(b.significand);
  if (top > 17) return b.sign === 0 ? LIMIT : -LIMIT;
  const shift = scaleOf(b);
  const whole = shift >= 0 ? b.significand << BigInt(shift) : b.significand >> BigInt(Math.min(-shift, 70));
  return b.sign === 0 ? Number(whole) : -Number(whole);
}

/** Results so far out of range that not even the biased exponent fits are infinity or zero (SDM 1 8.5.4, 8.5.5). */
function scaleBy(operation: Operation, a: Extended, factor: number): Extended {
  const exponent = scaleOf(a) + bitLength(a.significand) - 1 + factor;
  if (exponent > BIAS + 0x6000 && !operation.isMasked(flag.overflow)) return beyond(operation, flag.overflow, infinity(a.sign));
  if (exponent < 1 - BIAS - 0x6000 && !operation.isMasked(flag.underflow)) return beyond(operation, flag.underflow, zero(a.sign));
  return round(operation, a.sign, a.significand, scaleOf(a) + factor, 64);
}

function beyond(operation: Operation, what: number, value: Extended): Extended {
  operation.raise(what | flag.precision);
  operation.roundedUp = what === flag.overflow;
  return value;
}

/** Exponent and significand of a number; the significand keeps the sign (SDM 2A "FXTRACT"). */
export function extract(operation: Operation, a: Extended): { readonly exponent: Extended; readonly significand: Extended } {
  const nan = special(operation, a);
  if (nan !== undefined) return { exponent: nan, significand: nan };
  const kind = kindOf(a);
  if (kind === "infinity") return { exponent: infinity(0), significand: a };
  if (kind === "zero") {
    operation.raise(flag.zeroDivide);
    return { exponent: infinity(1), significand: a };
  }
  noteDenormal(operation, a);
  const exponent = scaleOf(a) + bitLength(a.significand) - 1;
  const significand = a.significand << BigInt(64 - bitLength(a.significand));
  return {
    exponent: pack(exponent < 0 ? 1 : 0, BigInt(Math.abs(exponent)), 0),
    significand: extended(a.sign, BIAS, significand | INTEGER_BIT),
  };
}
