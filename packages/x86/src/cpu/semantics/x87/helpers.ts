/**
 * Functions of the generated module for arithmetic on register values. They do what is frequent, numbers and zeros with
 * results in range, exactly as `cpu/fpu` does, and give 0 for all else, having changed nothing.
 */
import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import { long64 as l, type Int, type Long } from "../../../wasm/expression.ts";
import { FunctionBuilder, type Variable } from "../../../wasm/function.ts";
import type { FunctionType } from "../../../wasm/module.ts";
import { I32, I64 } from "../../../wasm/opcodes.ts";
import {
  BIAS,
  EXPONENT,
  exponentOf,
  type FloatValue,
  INTEGER_BIT,
  isNormal,
  isZero,
  NOTHING,
  precisionMasked,
  roundingOf,
  roundsUp,
  setExact,
  setRounded,
  SIGN,
  signOf,
  storeFloat,
} from "./number.ts";

export type FloatHelper = "floatRound" | "floatAdd" | "floatMultiply" | "floatDivide" | "floatCompare" | "floatRoot" | "floatSine";

/** (cpu, target, significand, rest, sign, exponent) -> done. */
const ROUND: FunctionType = { parameters: [I32, I32, I64, I64, I32, I32], results: [I32] };
/** (cpu, target, a's significand and top, b's) -> done. */
const BINARY: FunctionType = { parameters: [I32, I32, I64, I32, I64, I32], results: [I32] };

export const helperTypes: Readonly<Record<FloatHelper, FunctionType>> = {
  floatRound: ROUND,
  floatAdd: BINARY,
  floatMultiply: BINARY,
  floatDivide: BINARY,
  floatCompare: BINARY,
  floatRoot: BINARY,
  floatSine: BINARY,
};

export const one: Long = x.long(1n);
export const shift = (bits: number): Long => x.long(BigInt(bits));
export const LOW: Long = x.long(0xffff_ffffn);
const DONE = x.int(1);
const FAILED = x.int(0);
const PRECISION_CONTROL = 0x300;
const SINGLE = 0;
const DOUBLE = 0x200;

interface Arguments {
  readonly f: FunctionBuilder;
  readonly cpu: Int;
  readonly target: Int;
  readonly a: FloatValue;
  readonly b: FloatValue;
}

export function binary(): Arguments {
  const f = new FunctionBuilder(BINARY.parameters.length);
  return {
    f,
    cpu: f.parameter(I32, 0),
    target: f.parameter(I32, 1),
    a: { significand: f.parameter(I64, 2), top: f.parameter(I32, 3) },
    b: { significand: f.parameter(I64, 4), top: f.parameter(I32, 5) },
  };
}

export function giveUpUnless(f: FunctionBuilder, condition: Int): void {
  f.if(x.isZero(condition), () => f.return(FAILED));
}

/** Writes a zero and clears C1. */
export function returnZero({ f, cpu, target }: Arguments, sign: Int): void {
  storeFloat(f, target, { significand: NOTHING, top: sign });
  setExact(f, cpu);
  f.return(DONE);
}

/** Rounds significand + rest * 2^-64 by precision and rounding control. */
export function roundBody(): Uint8Array {
  const f = new FunctionBuilder(ROUND.parameters.length);
  const cpu = f.parameter(I32, 0);
  const kept = f.variable(f.parameter(I64, 2));
  const fraction = f.variable(f.parameter(I64, 3));
  const unit = f.variable(one);
  const exponent = f.variable(f.parameter(I32, 5));
  const control = f.let(x.and(x.loadInt(cpu, at.fpuControl), x.int(PRECISION_CONTROL)));
  const cut = (bits: number) => (): void => {
    const sticky = x.extendUnsigned(l.ne(fraction, NOTHING));
    f.set(fraction, l.or(l.shl(kept, shift(64 - bits)), sticky));
    f.set(kept, l.and(kept, x.long(-1n << BigInt(bits))));
    f.set(unit, x.long(1n << BigInt(bits)));
  };
  f.if(x.eq(control, x.int(DOUBLE)), cut(11));
  f.if(x.eq(control, x.int(SINGLE)), cut(40));
  const sign = f.parameter(I32, 4);
  const inexact = f.let(l.ne(fraction, NOTHING));
  f.if(x.and(inexact, x.isZero(precisionMasked(cpu))), () => f.return(FAILED));
  const up = f.let(roundsUp(f, cpu, fraction, l.ne(l.and(kept, unit), NOTHING), sign));
  f.set(kept, l.add(kept, l.mul(unit, x.extendUnsigned(up))));
  f.if(l.isZero(kept), () => {
    f.set(kept, INTEGER_BIT);
    f.set(exponent, x.add(exponent, x.int(1)));
  });
  giveUpUnless(f, x.ltU(x.sub(exponent, x.int(1)), x.int(EXPONENT - 1)));
  storeFloat(f, f.parameter(I32, 1), { significand: kept, top: x.or(sign, exponent) });
  setRounded(f, cpu, inexact, up);
  f.return(DONE);
  f.unreachable();
  return f.body();
}

/** What the helpers end with: the result of rounding. */
export function returnRounded({ f, cpu, target }: Arguments, round: number, significand: Long, rest: Long, sign: Int, exponent: Int): void {
  f.jump(round, [cpu, target, significand, rest, sign, exponent]);
}

export function multiplyBody(round: number): Uint8Array {
  const operands = binary();
  const { f, a, b } = operands;
  const sign = f.let(x.and(x.xor(a.top, b.top), x.int(SIGN)));
  f.if(x.isZero(x.and(isNormal(a), isNormal(b))), () => {
    const zeros = x.or(x.and(isZero(a), x.or(isZero(b), isNormal(b))), x.and(isZero(b), isNormal(a)));
    f.if(zeros, () => returnZero(operands, sign));
    f.return(FAILED);
  });
  const { high, low } = product(f, a.significand, b.significand);
  const exponent = f.variable(x.sub(x.add(exponentOf(a), exponentOf(b)), x.int(BIAS - 1)));
  f.if(x.isZero(l.ltS(high, NOTHING)), () => {
    f.set(high, l.or(l.shl(high, one), l.shrU(low, shift(63))));
    f.set(low, l.shl(low, one));
    f.set(exponent, x.sub(exponent, x.int(1)));
  });
  returnRounded(operands, round, high, low, sign, exponent);
  f.unreachable();
  return f.body();
}

/** All 128 bits of a product, by halves. */
export function product(f: FunctionBuilder, a: Long, b: Long): { high: Variable<typeof I64>; low: Variable<typeof I64> } {
  const half = shift(32);
  const [a1, a0] = [f.let(l.shrU(a, half)), f.let(l.and(a, LOW))];
  const [b1, b0] = [f.let(l.shrU(b, half)), f.let(l.and(b, LOW))];
  const lowest = f.let(l.mul(a0, b0));
  const first = f.let(l.add(l.mul(a0, b1), l.shrU(lowest, half)));
  const second = f.let(l.add(l.mul(a1, b0), l.and(first, LOW)));
  const high = f.variable(l.add(l.mul(a1, b1), l.add(l.shrU(first, half), l.shrU(second, half))));
  return { high, low: f.variable(l.or(l.shl(second, half), l.and(lowest, LOW))) };
}

/** a + b; a difference is the sum with the sign of b changed. */
export function addBody(round: number): Uint8Array {
  const operands = binary();
  const { f, a, b } = operands;
  f.if(x.isZero(x.and(isNormal(a), isNormal(b))), () => addZeros(operands, round));
  const swap = f.let(isLess(a, b));
  const large = ordered(f, swap, b, a);
  const small = ordered(f, swap, a, b);
  const exponent = f.variable(exponentOf(large));
  const { high, low } = align(f, small.significand, f.let(x.sub(exponentOf(large), exponentOf(small))));
  const sign = f.let(signOf(large));
  f.if(
    x.eq(sign, signOf(small)),
    () => {
      const sum = f.let(l.add(large.significand, high));
      f.if(
        l.ltU(sum, large.significand),
        () => {
          f.set(low, l.or(l.or(l.shrU(low, one), l.and(low, one)), l.shl(sum, shift(63))));
          f.set(high, l.or(l.shrU(sum, one), INTEGER_BIT));
          f.set(exponent, x.add(exponent, x.int(1)));
        },
        () => f.set(high, sum),
      );
    },
    () => difference(operands, large.significand, high, low, exponent),
  );
  returnRounded(operands, round, high, low, sign, exponent);
  f.unreachable();
  return f.body();
}

export const isLess = (a: FloatValue, b: FloatValue): Int =>
  x.or(x.ltU(exponentOf(a), exponentOf(b)), x.and(x.eq(exponentOf(a), exponentOf(b)), l.ltU(a.significand, b.significand)));

function ordered(f: FunctionBuilder, condition: Int, then: FloatValue, otherwise: FloatValue): FloatValue {
  return {
    significand: f.let(x.select(condition, then.significand, otherwise.significand)),
    top: f.let(x.select(condition, then.top, otherwise.top)),
  };
}

/** Sums with a zero: the other number, rounded. */
function addZeros(operands: Arguments, round: number): void {
  const { f, cpu, a, b } = operands;
  f.if(isZero(a), () => {
    f.if(isNormal(b), () => returnRounded(operands, round, b.significand, NOTHING, signOf(b), exponentOf(b)));
    giveUpUnless(f, isZero(b));
    // Equal signs stay; of opposite ones the sum is +0 except when rounding down.
    const opposite = x.select(x.eq(roundingOf(cpu), x.int(1)), x.int(SIGN), x.int(0));
    returnZero(operands, x.select(x.eq(a.top, b.top), a.top, opposite));
  });
  f.if(x.and(isZero(b), isNormal(a)), () => returnRounded(operands, round, a.significand, NOTHING, signOf(a), exponentOf(a)));
  f.return(FAILED);
}

/** A significand shifted right over 128 bits; what falls out behind stands in the lowest bit. */
function align(f: FunctionBuilder, significand: Long, distance: Int): { high: Variable<typeof I64>; low: Variable<typeof I64> } {
  const high = f.variable(significand);
  const low = f.variable(NOTHING);
  const by = f.let(x.extendUnsigned(distance));
  f.if(distance, () =>
    f.if(
      x.ltU(distance, x.int(64)),
      () => {
        f.set(high, l.shrU(significand, by));
        f.set(low, l.shl(significand, l.sub(shift(64), by)));
      },
      () => {
        f.set(high, NOTHING);
        f.set(low, one);
        f.if(x.ltU(distance, x.int(128)), () => {
          const lost = l.shl(l.shl(significand, one), l.sub(shift(127), by));
          const sticky = x.extendUnsigned(x.and(l.ne(lost, NOTHING), x.gtU(distance, x.int(64))));
          f.set(low, l.or(l.shrU(significand, l.sub(by, shift(64))), sticky));
        });
      },
    ),
  );
  return { high, low };
}

/** large - (high, low), which is not negative, normalized. */
function difference(
  operands: Arguments,
  large: Long,
  high: Variable<typeof I64>,
  low: Variable<typeof I64>,
  exponent: Variable<typeof I32>,
): void {
  const { f, cpu } = operands;
  const borrow = x.extendUnsigned(l.ne(low, NOTHING));
  f.set(high, l.sub(l.sub(large, high), borrow));
  f.set(low, l.sub(NOTHING, low));
  f.if(l.isZero(high), () => {
    f.if(l.isZero(low), () => returnZero(operands, x.select(x.eq(roundingOf(cpu), x.int(1)), x.int(SIGN), x.int(0))));
    f.set(high, low);
    f.set(low, NOTHING);
    f.set(exponent, x.sub(exponent, x.int(64)));
  });
  const zeros = f.let(l.countLeadingZeros(high));
  f.if(l.ne(zeros, NOTHING), () => {
    f.set(high, l.or(l.shl(high, zeros), l.shrU(low, l.sub(shift(64), zeros))));
    f.set(low, l.shl(low, zeros));
    f.set(exponent, x.sub(exponent, x.wrap(zeros)));
  });
}
