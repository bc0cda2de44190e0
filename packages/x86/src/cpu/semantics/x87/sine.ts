/**
 * FSIN and FCOS of moderate arguments, on numbers of 128 bits: u, r and their like are in units of 2^-128. The result has some
 * 120 correct bits before it is rounded to 64.
 */
import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import { long64 as l, type Int, type Long } from "../../../wasm/expression.ts";
import type { FunctionBuilder } from "../../../wasm/function.ts";
import { PI, PI_BITS } from "../../fpu/transcendental/trigonometric.ts";
import { binary, giveUpUnless, one, product, returnRounded, shift } from "./helpers.ts";
import { BIAS, exponentOf, isNormal, NOTHING, SIGN, signOf } from "./number.ts";

/** Exponents of arguments; the quotient by pi / 2 then has 21 bits. */
const SMALLEST = -20;
const LARGEST = 20;
/** Arguments are reduced in units of 2^-UNIT, in which they and pi / 2 are whole. */
const UNIT = 100;
const HALF_PI: bigint = PI << BigInt(UNIT - PI_BITS - 1);
/** 2^64 * 2 / pi. */
const QUARTERS: bigint = (1n << BigInt(65 + PI_BITS)) / PI;
/** A remainder with more leading zeros than this has too few bits for its square. */
const MOST_ZEROS = 36;

/** 128 bits. */
interface Wide {
  readonly high: Long;
  readonly low: Long;
}

const wide = (value: bigint): Wide => ({ high: x.long(value >> 64n), low: x.long(value & 0xffff_ffff_ffff_ffffn) });

/** The upper half of a product, up to two units too small. */
function multiply(f: FunctionBuilder, a: Wide, b: Wide): Wide {
  const main = product(f, a.high, b.high);
  const first = product(f, a.high, b.low).high;
  const second = product(f, a.low, b.high).high;
  const sum = f.let(l.add(main.low, first));
  const low = f.let(l.add(sum, second));
  const carries = l.add(x.extendUnsigned(l.ltU(sum, first)), x.extendUnsigned(l.ltU(low, second)));
  return { high: f.let(l.add(main.high, carries)), low };
}

function subtract(f: FunctionBuilder, a: Wide, b: Wide): Wide {
  const borrow = x.extendUnsigned(l.ltU(a.low, b.low));
  return { high: f.let(l.sub(l.sub(a.high, b.high), borrow)), low: f.let(l.sub(a.low, b.low)) };
}

/** Shifted left by less than 64. */
const shiftLeft = (f: FunctionBuilder, { high, low }: Wide, by: Long): Wide => ({
  high: f.let(l.or(l.shl(high, by), l.shrU(l.shrU(low, one), l.sub(shift(63), by)))),
  low: f.let(l.shl(low, by)),
});

const TERMS = 11;
/** Terms from this one on are so small that 64 bits of them, in units of 2^-FINE, are enough. */
const SHORT = 5;
const FINE = 84;

/** 1 - u (c1 - u (c2 - ...)) with ck = 1 / (2k + offset)!: the series of the cosine (0), or of sin(r) / r (1). */
function series(f: FunctionBuilder, u: Wide, offset: number): Wide {
  const coefficient = (k: number, bits: number): bigint => {
    let factorial = 1n;
    for (let n = 2n; n <= BigInt(2 * k + offset); n++) factorial *= n;
    return (1n << BigInt(bits)) / factorial;
  };
  let short: Long = x.long(coefficient(TERMS, FINE));
  for (let k = TERMS - 1; k >= SHORT; k--) short = f.let(l.sub(x.long(coefficient(k, FINE)), product(f, u.high, short).high));
  let value: Wide = { high: f.let(l.shrU(short, shift(FINE - 64))), low: f.let(l.shl(short, shift(128 - FINE))) };
  for (let k = SHORT - 1; k >= 1; k--) value = subtract(f, wide(coefficient(k, 128)), multiply(f, u, value));
  // 1 is 2^128, which is 0.
  return subtract(f, wide(0n), multiply(f, u, value));
}

/** b.top is 0 for the sine of a, 1 for its cosine. */
export function sineBody(round: number): Uint8Array {
  const operands = binary();
  const { f, cpu, a, b } = operands;
  const exponent = f.let(x.sub(exponentOf(a), x.int(BIAS)));
  const inRange = x.ltU(x.sub(exponent, x.int(SMALLEST)), x.int(LARGEST - SMALLEST));
  // Precision control does not concern these instructions; rounding would heed it.
  const full = x.eq(x.and(x.loadInt(cpu, at.fpuControl), x.int(0x300)), x.int(0x300));
  giveUpUnless(f, x.and(x.and(isNormal(a), inRange), full));
  const turns = f.let(quarters(f, a.significand, exponent));
  const { rest, negative } = reduce(f, a.significand, exponent, turns);
  const zeros = f.let(x.add(x.wrap(l.countLeadingZeros(rest.high)), x.int(UNIT - 128)));
  giveUpUnless(f, x.ltS(zeros, x.int(MOST_ZEROS)));

  const fixed = shiftLeft(f, rest, shift(128 - UNIT));
  const u = multiply(f, fixed, fixed);
  const quarter = f.let(x.and(x.add(x.wrap(turns), b.top), x.int(3)));
  const opposite = f.let(x.and(x.shl(quarter, x.int(14)), x.int(SIGN)));
  // The sine changes sign with its argument.
  const ofArgument = f.let(x.select(b.top, x.int(0), signOf(a)));
  f.if(x.and(quarter, x.int(1)), () => {
    const { high, low } = series(f, u, 0);
    returnRounded(operands, round, high, l.or(low, one), x.xor(opposite, ofArgument), x.int(BIAS - 1));
  });
  const sign = x.xor(x.xor(opposite, ofArgument), x.shl(negative, x.int(15)));
  const normal = shiftLeft(f, fixed, f.let(x.extendUnsigned(zeros)));
  const result = multiply(f, normal, series(f, u, 1));
  const lifted = f.let(l.countLeadingZeros(result.high));
  const { high, low } = shiftLeft(f, result, lifted);
  returnRounded(operands, round, high, l.or(low, one), sign, x.sub(x.sub(x.int(BIAS - 1), zeros), x.wrap(lifted)));
  f.unreachable();
  return f.body();
}

/** How many times pi / 2 is in a magnitude, to the nearest. */
function quarters(f: FunctionBuilder, significand: Long, exponent: Int): Long {
  const product64 = product(f, significand, x.long(QUARTERS)).high;
  const down = f.let(x.extendUnsigned(x.sub(x.int(62), exponent)));
  const rounded = l.shrU(l.add(l.shrU(product64, one), l.shl(one, l.sub(down, one))), down);
  return x.select(x.ltS(exponent, x.int(-1)), NOTHING, rounded);
}

/** The magnitude less so many times pi / 2, exactly, and whether that is negative. */
function reduce(f: FunctionBuilder, significand: Long, exponent: Int, turns: Long): { rest: Wide; negative: Int } {
  const up = f.let(x.extendUnsigned(x.add(exponent, x.int(UNIT - 63))));
  const magnitude = shiftLeft(f, { high: NOTHING, low: significand }, up);
  const half = wide(HALF_PI);
  const lower = product(f, turns, half.low);
  const whole = { high: f.let(l.add(lower.high, l.mul(turns, half.high))), low: lower.low };
  const { high, low } = subtract(f, magnitude, whole);
  const negative = f.let(l.ltS(high, NOTHING));
  const opposite = subtract(f, wide(0n), { high, low });
  return { rest: { high: f.let(x.select(negative, opposite.high, high)), low: f.let(x.select(negative, opposite.low, low)) }, negative };
}
