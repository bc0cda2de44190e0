import { noteDenormal, special } from "../nan.ts";
import { type Extended, kindOf, negate, one, scaleOf } from "../number.ts";
import { flag, type Operation } from "../operation.ts";
import { exact, exponentOf, inexact, isOne, toFixed } from "./common.ts";
import { bitsFor, expm1, GUARD, ln2 } from "./fixed.ts";

/** Below this exponent 2^x - 1 is x ln 2 as far as anybody can see. */
const LINEAR = -100;

/** 2^x - 1 for -1 <= x <= 1; outside, where the manual leaves it undefined, x as it is (SDM 2A "F2XM1"). */
export function powerOfTwoMinusOne(operation: Operation, x: Extended): Extended {
  const nan = special(operation, x);
  if (nan !== undefined) return nan;
  const kind = kindOf(x);
  if (kind === "zero") return x;
  if (kind === "infinity") return x.sign === 0 ? x : negate(one);
  noteDenormal(operation, x);
  // Processors take even -1 and 1, and what they leave alone, for inexact.
  operation.raise(flag.precision);
  if (isOne(x)) return x.sign === 0 ? x : exact(operation, 1, 1n, -1);
  const exponent = exponentOf(x);
  if (exponent >= 0) return x;
  const bits = bitsFor(exponent);
  if (exponent < LINEAR) return linear(operation, x);
  return inexact(operation, expm1((toFixed(x, bits) * ln2(bits)) >> BigInt(bits), bits), bits);
}

function linear(operation: Operation, x: Extended): Extended {
  return exact(operation, x.sign, (x.significand * ln2(GUARD)) | 1n, scaleOf(x) - GUARD);
}
