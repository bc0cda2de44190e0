import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import { long64 as l, type Int, type Long } from "../../../wasm/expression.ts";
import type { FunctionBuilder } from "../../../wasm/function.ts";

/** A register value in generated code: the significand, and sign and exponent as they lie behind it in memory. */
export interface FloatValue {
  readonly significand: Long;
  readonly top: Int;
}

export const SIGN = 0x8000;
export const EXPONENT = 0x7fff;
export const BIAS = 16383;
export const INTEGER_BIT: Long = x.long(1n << 63n);
export const NOTHING: Long = x.long(0n);

export const exponentOf = ({ top }: FloatValue): Int => x.and(top, x.int(EXPONENT));
export const signOf = ({ top }: FloatValue): Int => x.and(top, x.int(SIGN));

/** Exponent 1 to 0x7ffe with the integer bit set. */
export function isNormal(value: FloatValue): Int {
  return x.and(l.ltS(value.significand, NOTHING), x.ltU(x.sub(exponentOf(value), x.int(1)), x.int(EXPONENT - 1)));
}

export const isZero = (value: FloatValue): Int => x.and(l.isZero(value.significand), x.isZero(exponentOf(value)));

export function loadFloat(f: FunctionBuilder, address: Int): FloatValue {
  return { significand: f.let(x.loadLong(address)), top: f.let(x.loadWord(address, 8)) };
}

export function storeFloat(f: FunctionBuilder, address: Int, { significand, top }: FloatValue): void {
  f.storeLong(address, 0, significand);
  f.storeWord(address, 8, top);
}

const C1 = 0x200;
const PRECISION = 0x20;

/** Clears C1: an exact result, or none. */
export function setExact(f: FunctionBuilder, cpu: Int): void {
  f.storeInt(cpu, at.fpuStatus, x.and(x.loadInt(cpu, at.fpuStatus), x.int(~C1)));
}

/** The precision exception, masked, and C1 as it was rounded. `inexact` and `up` are 0 or 1. */
export function setRounded(f: FunctionBuilder, cpu: Int, inexact: Int, up: Int): void {
  const before = x.and(x.loadInt(cpu, at.fpuStatus), x.int(~C1));
  f.storeInt(cpu, at.fpuStatus, x.or(before, x.or(x.shl(inexact, x.int(5)), x.shl(up, x.int(9)))));
}

/** Whether a value that is not exact may be rounded without telling anybody: the precision exception is masked. */
export const precisionMasked = (cpu: Int): Int => x.and(x.loadInt(cpu, at.fpuControl), x.int(PRECISION));

/** Bits 10 and 11 of the control word: 0 to nearest, 1 down, 2 up, 3 to zero. */
export const roundingOf = (cpu: Int): Int => x.and(x.shrU(x.loadInt(cpu, at.fpuControl), x.int(10)), x.int(3));

/**
 * Whether to round a magnitude up, 0 or 1.
 * @param fraction what is cut off, in units of 2^-64 of the last place
 * @param odd not 0: the last place is 1
 * @param sign not 0: negative
 */
export function roundsUp(f: FunctionBuilder, cpu: Int, fraction: Long, odd: Int, sign: Int): Int {
  const mode = f.let(roundingOf(cpu));
  const up = f.variable(x.int(0));
  f.if(
    x.isZero(mode),
    () => {
      const aboveHalf = l.ne(l.shl(fraction, x.long(1n)), NOTHING);
      f.set(up, x.and(l.ltS(fraction, NOTHING), x.or(aboveHalf, x.ne(odd, x.int(0)))));
    },
    () => {
      const towards = x.eq(mode, x.select(sign, x.int(1), x.int(2)));
      f.set(up, x.and(towards, l.ne(fraction, NOTHING)));
    },
  );
  return up;
}
