import type { Binary } from "../arithmetic.ts";
import { noteDenormal, special } from "../nan.ts";
import { type Extended, kindOf, scaleOf, zero } from "../number.ts";
import type { Operation } from "../operation.ts";
import { exact, exponentOf, inexact } from "./common.ts";
import { arctangent, bitsFor, GUARD, pi } from "./fixed.ts";

/** Ratios below 2^TINY are their own arctangents but for a little less. */
const TINY = -100;

/** The angle of the point (x, y): SDM 2A table 3-30. */
export const arctangentOf: Binary = (operation, x, y) => {
  const nan = special(operation, x, y);
  if (nan !== undefined) return nan;
  noteDenormal(operation, x, y);
  const [across, up] = [kindOf(x), kindOf(y)];
  const quarters = (count: number): Extended => multipleOfPi(operation, y.sign, count);
  if (across === "infinity" && up === "infinity") return quarters(x.sign === 0 ? 1 : 3);
  if (up === "zero" || across === "infinity") return x.sign === 0 ? zero(y.sign) : quarters(4);
  if (across === "zero" || up === "infinity") return quarters(2);
  const distance = exponentOf(y) - exponentOf(x);
  if (distance < TINY) return x.sign === 0 ? tiny(operation, x, y) : almost(operation, y.sign, 4);
  if (distance > -TINY) return almost(operation, y.sign, 2);
  return angle(operation, x, y, distance);
};

/** count * pi / 4. */
function multipleOfPi(operation: Operation, sign: number, count: number): Extended {
  const value = (pi(GUARD) * BigInt(count)) >> 2n;
  return inexact(operation, sign === 0 ? value : -value, GUARD);
}

/** As close to count * pi / 4 as makes no difference. */
const almost = multipleOfPi;

/** y / x, or just below it. */
function tiny(operation: Operation, x: Extended, y: Extended): Extended {
  const shift = 200n;
  const quotient = (y.significand << shift) / x.significand;
  return exact(operation, y.sign, quotient * 2n - 1n, scaleOf(y) - scaleOf(x) - Number(shift) - 1);
}

function angle(operation: Operation, x: Extended, y: Extended, distance: number): Extended {
  const bits = bitsFor(-Math.abs(distance) - 1);
  const shift = BigInt(Math.abs(scaleOf(y) - scaleOf(x)));
  const [height, width] = scaleOf(y) >= scaleOf(x) ? [y.significand << shift, x.significand] : [y.significand, x.significand << shift];
  const steep = height > width;
  const ratio = ((steep ? width : height) << BigInt(bits)) / (steep ? height : width);
  const base = arctangent(ratio, bits);
  const first = steep ? (pi(bits) >> 1n) - base : base;
  const whole = x.sign === 0 ? first : pi(bits) - first;
  return inexact(operation, y.sign === 0 ? whole : -whole, bits);
}
