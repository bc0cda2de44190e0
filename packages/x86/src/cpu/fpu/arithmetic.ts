import { invalid, noteDenormal, special } from "./nan.ts";
import { bitLength, type Extended, infinity, kindOf, negate, scaleOf, zero } from "./number.ts";
import { flag, type Operation, rounding } from "./operation.ts";
import { round } from "./round.ts";

/** An operation on two registers. */
export type Binary = (operation: Operation, a: Extended, b: Extended) => Extended;

/** SDM 2A table 3-21. */
export const add: Binary = (operation, a, b) => {
  const nan = special(operation, a, b);
  if (nan !== undefined) return nan;
  const [first, second] = [kindOf(a), kindOf(b)];
  if (first === "infinity" && second === "infinity" && a.sign !== b.sign) return invalid(operation);
  noteDenormal(operation, a, b);
  if (first === "infinity") return a;
  if (second === "infinity") return b;
  if (first === "zero" && second === "zero") return a.sign === b.sign ? a : exactZero(operation);
  if (first === "zero") return round(operation, b.sign, b.significand, scaleOf(b));
  if (second === "zero") return round(operation, a.sign, a.significand, scaleOf(a));
  return sum(operation, a, b);
};

/** An exact difference of 0 is +0 except when rounding down (SDM 1 4.8.3.1). */
const exactZero = (operation: Operation): Extended => zero(operation.rounding === rounding.down ? 1 : 0);

export const subtract: Binary = (operation, a, b) => {
  // A NaN keeps its sign.
  const nan = special(operation, a, b);
  return nan ?? add(operation, a, negate(b));
};

/** How far apart exponents may be before the smaller operand is only a sticky bit: more than both significands. */
const FAR = 192;

function sum(operation: Operation, a: Extended, b: Extended): Extended {
  const [high, low] = scaleOf(a) >= scaleOf(b) ? [a, b] : [b, a];
  const distance = scaleOf(high) - scaleOf(low);
  // Beyond FAR anything of the same sign rounds the same way.
  const near = distance <= FAR;
  const scale = near ? scaleOf(low) : scaleOf(high) - FAR;
  const lowest = near ? low.significand : 1n;
  const shifted = high.significand << BigInt(near ? distance : FAR);
  const total = (high.sign === 0 ? shifted : -shifted) + (low.sign === 0 ? lowest : -lowest);
  if (total === 0n) return exactZero(operation);
  return total > 0n ? round(operation, 0, total, scale) : round(operation, 1, -total, scale);
}

/** SDM 2A table 3-29. */
export const multiply: Binary = (operation, a, b) => {
  const nan = special(operation, a, b);
  if (nan !== undefined) return nan;
  const sign = a.sign ^ b.sign;
  const kinds = [kindOf(a), kindOf(b)];
  const infinite = kinds.includes("infinity");
  if (infinite && kinds.includes("zero")) return invalid(operation);
  noteDenormal(operation, a, b);
  if (infinite) return infinity(sign);
  return round(operation, sign, a.significand * b.significand, scaleOf(a) + scaleOf(b));
};

/** a / b: SDM 2A table 3-24. */
export const divide: Binary = (operation, a, b) => {
  const nan = special(operation, a, b);
  if (nan !== undefined) return nan;
  const sign = a.sign ^ b.sign;
  const [first, second] = [kindOf(a), kindOf(b)];
  if (first === second && (first === "infinity" || first === "zero")) return invalid(operation);
  if (second === "zero" && first !== "infinity") {
    operation.raise(flag.zeroDivide);
    return infinity(sign);
  }
  noteDenormal(operation, a, b);
  if (first === "infinity") return infinity(sign);
  if (second === "infinity" || first === "zero") return zero(sign);
  return quotient(operation, sign, a, b);
};

/** Bits of quotient before rounding: more than any precision needs, so that one more bit stands for the rest. */
const QUOTIENT_BITS = 68;

function quotient(operation: Operation, sign: number, a: Extended, b: Extended): Extended {
  const shift = QUOTIENT_BITS + bitLength(b.significand) - bitLength(a.significand);
  const dividend = a.significand << BigInt(shift);
  const whole = dividend / b.significand;
  const rest = dividend - whole * b.significand === 0n ? 0n : 1n;
  return round(operation, sign, (whole << 1n) | rest, scaleOf(a) - scaleOf(b) - shift - 1);
}

/** SDM 2A "FSQRT". */
export function squareRoot(operation: Operation, a: Extended): Extended {
  const nan = special(operation, a);
  if (nan !== undefined) return nan;
  const kind = kindOf(a);
  if (kind === "zero") return a;
  if (a.sign === 1) return invalid(operation);
  if (kind === "infinity") return a;
  noteDenormal(operation, a);
  // An even power of two, and enough bits for 68 bits of root.
  const lift = 136 - bitLength(a.significand);
  const shift = lift + ((scaleOf(a) - lift) & 1);
  const radicand = a.significand << BigInt(shift);
  const root = integerRoot(radicand);
  const rest = root * root === radicand ? 0n : 1n;
  return round(operation, 0, (root << 1n) | rest, (scaleOf(a) - shift) / 2 - 1);
}

/** Largest integer whose square is at most `value`, by Newton's iteration from above. */
export function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
