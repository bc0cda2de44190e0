import { invalid, noteDenormal, special } from "../nan.ts";
import { type Extended, kindOf, one, scaleOf } from "../number.ts";
import type { Operation } from "../operation.ts";
import { exponentOf, inexact, nearly, toFixed } from "./common.ts";
import { bitsFor, cosine, sine } from "./fixed.ts";

/** Pi as the unit has it: 66 bits of significand (SDM 1 8.3.8). In units of 2^-64. */
export const PI: bigint = 0x3243f6a8885a308d3n * 4n;
export const PI_BITS = 66;

/** Arguments from 2^63 on are out of range: C2 (SDM 1 8.3.8). */
export const OUT_OF_RANGE = 63;

export const isOutOfRange = (x: Extended): boolean => kindOf(x) === "normal" && exponentOf(x) >= OUT_OF_RANGE;

/** Arguments below 2^TINY are their own sines and tangents, but for a little. */
const TINY = -70;

/** An argument reduced to |rest| <= pi / 4, with the quarter turn that it was in. */
interface Reduced {
  readonly quadrant: number;
  readonly rest: bigint;
  readonly bits: number;
}

function reduce(x: Extended): Reduced {
  const exponent = exponentOf(x);
  const exactBits = Math.max(PI_BITS, -scaleOf(x));
  if (exponent < -1) return { quadrant: 0, rest: toFixed(x, bitsFor(exponent)), bits: bitsFor(exponent) };
  const value = toFixed(x, exactBits);
  const half = (PI << BigInt(exactBits - PI_BITS)) >> 1n;
  const magnitude = value < 0n ? -value : value;
  const turns = (2n * magnitude + half) / (2n * half);
  const rest = magnitude - turns * half;
  const bits = bitsFor(-exactBits);
  const quadrant = Number(turns & 3n);
  const lifted = rest << BigInt(bits - exactBits);
  return value < 0n ? { quadrant: (4 - quadrant) & 3, rest: -lifted, bits } : { quadrant, rest: lifted, bits };
}

/** Sine of an angle `shift` quarter turns further. */
function turned({ quadrant, rest, bits }: Reduced, shift: number): bigint {
  const quarter = (quadrant + shift) & 3;
  const value = (quarter & 1) === 0 ? sine(rest, bits) : cosine(rest, bits);
  return quarter >= 2 ? -value : value;
}

/** What is no number, infinite or zero has its result without computing; `ofZero` is that of 0. */
function early(operation: Operation, x: Extended, ofZero: Extended): Extended | undefined {
  const nan = special(operation, x);
  if (nan !== undefined) return nan;
  const kind = kindOf(x);
  if (kind === "infinity") return invalid(operation);
  if (kind === "zero") return ofZero;
  noteDenormal(operation, x);
  return undefined;
}

/** SDM 2A "FSIN"; the argument is in range. */
export function sineOf(operation: Operation, x: Extended): Extended {
  const known = early(operation, x, x);
  if (known !== undefined) return known;
  if (exponentOf(x) < TINY) return nearly(operation, x, false);
  const reduced = reduce(x);
  return inexact(operation, turned(reduced, 0), reduced.bits);
}

/** SDM 2A "FCOS"; the argument is in range. */
export function cosineOf(operation: Operation, x: Extended): Extended {
  const known = early(operation, x, one);
  if (known !== undefined) return known;
  if (exponentOf(x) < TINY) return nearly(operation, one, false);
  const reduced = reduce(x);
  return inexact(operation, turned(reduced, 1), reduced.bits);
}

/** SDM 2A "FPTAN"; the argument is in range. */
export function tangentOf(operation: Operation, x: Extended): Extended {
  const known = early(operation, x, x);
  if (known !== undefined) return known;
  if (exponentOf(x) < TINY) return nearly(operation, x, true);
  const reduced = reduce(x);
  const bits = BigInt(reduced.bits);
  return inexact(operation, (turned(reduced, 0) << bits) / turned(reduced, 1), reduced.bits);
}
