import type { Binary } from "../arithmetic.ts";
import { invalid, noteDenormal, special } from "../nan.ts";
import { BIAS, bitLength, type Extended, infinity, INTEGER_BIT, kindOf, scaleOf, zero } from "../number.ts";
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
  return product(operation, y, ...binaryLogarithm(x));
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
  const sign = y.sign ^ (value < 0n ? 1 : 0);
  const magnitude = y.significand * (value < 0n ? -value : value);
  return exact(operation, sign, bits === 0 ? magnitude : magnitude | 1n, scaleOf(y) - bits);
}

/** log2 of a positive finite number that is not 1, as fixed point; with 0 bits exactly. */
function binaryLogarithm(x: Extended): [bigint, number] {
  const normal = x.significand << BigInt(64 - bitLength(x.significand));
  const exponent = exponentOf(x);
  if (normal === INTEGER_BIT) return [BigInt(exponent), 0];
  // The significand between 3/4 and 3/2, so that the logarithm of what is near 1 keeps its precision.
  const halve = normal >> 62n === 3n;
  const power = halve ? exponent + 1 : exponent;
  const difference = normal - (halve ? 2n * INTEGER_BIT : INTEGER_BIT);
  const places = halve ? 64 : 63;
  const bits = bitsFor(bitLength(difference < 0n ? -difference : difference) - places);
  const fraction = (log1p(difference << BigInt(bits - places), bits) * log2e(bits)) >> BigInt(bits);
  return [(BigInt(power) << BigInt(bits)) + fraction, bits];
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
  if (exponent >= 0) return aboveRange(operation, x, y);
  const bits = bitsFor(exponent);
  return product(operation, y, (log1p(toFixed(x, bits), bits) * log2e(bits)) >> BigInt(bits), bits);
};

/** x of 1 and more is outside the range of definition too, but there is a logarithm. */
function aboveRange(operation: Operation, x: Extended, y: Extended): Extended {
  const bits = GUARD + 32;
  const sum = x.significand + (scaleOf(x) <= 0 ? 1n << BigInt(-scaleOf(x)) : 0n);
  const length = bitLength(sum);
  const difference = (sum << BigInt(bits - (length - 1))) - (1n << BigInt(bits));
  const fraction = (log1p(difference, bits) * log2e(bits)) >> BigInt(bits);
  return product(operation, y, (BigInt(scaleOf(x) + length - 1) << BigInt(bits)) + fraction, bits);
}
