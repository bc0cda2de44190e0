import type { Binary } from "../arithmetic.ts";
import { invalid, noteDenormal, special } from "../nan.ts";
import { BIAS, bitLength, type Extended, infinity, kindOf, scaleOf, zero } from "../number.ts";
import { flag, type Operation } from "../operation.ts";
import { exact, exponentOf, isOne, toFixed } from "./common.ts";
import { bitsFor, GUARD, log1p, log2e } from "./fixed.ts";

/** y * log2(x): SDM 2A table 3-46. */
export const logarithm: Binary = (operation, x, y) => {
  const nan = special(operation, x, y);
  if (nan !== undefined) return nan;
  const [kind, factor] = [kindOf(x), kindOf(y)];
  if (kind === "zero") return logarithmOfZero(operation, y);
  if (x.sign === 1) return invalid(operation);
  if (factor === "zero" && kind === "infinity") return invalid(operation);
  if (factor === "infinity" && isOne(x)) return invalid(operation);
  noteDenormal(operation, x, y);
  const sign = y.sign ^ (x.exponent < BIAS ? 1 : 0);
  if (kind === "infinity" || factor === "infinity") return infinity(sign);
  if (factor === "zero") return zero(sign);
  if (isOne(x)) return zero(y.sign);
  return product(operation, y, ...binaryLogarithm(x.significand, scaleOf(x)));
};

/** Infinite, unless the factor is 0; a finite factor makes it a division by zero. */
function logarithmOfZero(operation: Operation, y: Extended): Extended {
  const factor = kindOf(y);
  if (factor === "zero") return invalid(operation);
  if (factor !== "infinity") operation.raise(flag.zeroDivide);
  return infinity(y.sign ^ 1);
}

/** y times a fixed-point number, which is exact if its bits are 0. */
function product(operation: Operation, y: Extended, value: bigint, bits: number): Extended {
  // Processors take even logarithms of powers of two for inexact.
  operation.raise(flag.precision);
  const sign = y.sign ^ (value < 0n ? 1 : 0);
  const magnitude = y.significand * (value < 0n ? -value : value);
  const result = exact(operation, sign, bits === 0 ? magnitude : magnitude | 1n, scaleOf(y) - bits);
  if (kindOf(result) === "denormal") operation.raise(flag.underflow);
  return result;
}

/** log2 of magnitude * 2^scale, as fixed point; of a power of two with 0 bits, exactly. */
function binaryLogarithm(magnitude: bigint, scale: number): [bigint, number] {
  const places = bitLength(magnitude) - 1;
  const exponent = scale + places;
  if (magnitude === 1n << BigInt(places)) return [BigInt(exponent), 0];
  // The significand between 3/4 and 3/2, so that the logarithm of what is near 1 keeps its precision.
  const halve = magnitude >> BigInt(places - 1) === 3n;
  const point = halve ? places + 1 : places;
  const difference = magnitude - (1n << BigInt(point));
  const bits = bitsFor(bitLength(difference < 0n ? -difference : difference) - point) + point;
  const fraction = (log1p(difference << BigInt(bits - point), bits) * log2e(bits)) >> BigInt(bits);
  return [(BigInt(halve ? exponent + 1 : exponent) << BigInt(bits)) + fraction, bits];
}

/** y * log2(x + 1): SDM 2A table 3-47. x of -1 and less is outside the range of definition, and has no logarithm. */
export const logarithmPlusOne: Binary = (operation, x, y) => {
  const nan = special(operation, x, y);
  if (nan !== undefined) return nan;
  const [kind, factor] = [kindOf(x), kindOf(y)];
  if (kind === "infinity" && (x.sign === 1 || factor === "zero")) return invalid(operation);
  if (factor === "infinity" && kind === "zero") return invalid(operation);
  const exponent = exponentOf(x);
  if (kind !== "infinity" && x.sign === 1 && exponent >= 0) return invalid(operation);
  noteDenormal(operation, x, y);
  const sign = x.sign ^ y.sign;
  if (kind === "infinity" || factor === "infinity") return infinity(sign);
  if (kind === "zero" || factor === "zero") return zero(sign);
  if (exponent < -GUARD)
    return exact(operation, sign, (x.significand * y.significand * log2e(GUARD)) | 1n, scaleOf(x) + scaleOf(y) - GUARD);
  return product(operation, y, ...logarithmOfSum(x));
};

/** Below this exponent, log1p needs no help; above the other one, adding 1 makes no difference. */
const SMALL = -3;
const LARGE = 200;

/** log2(x + 1), x above -1. */
function logarithmOfSum(x: Extended): [bigint, number] {
  const exponent = exponentOf(x);
  if (exponent > LARGE) return binaryLogarithm(x.significand, scaleOf(x));
  if (exponent > SMALL) {
    const scale = Math.min(scaleOf(x), 0);
    const magnitude = x.significand << BigInt(scaleOf(x) - scale);
    return binaryLogarithm((1n << BigInt(-scale)) + (x.sign === 0 ? magnitude : -magnitude), scale);
  }
  const bits = bitsFor(exponent);
  return [(log1p(toFixed(x, bits), bits) * log2e(bits)) >> BigInt(bits), bits];
}
