/** Numbers in memory as register values in generated code, and back. */
import type { OperandType } from "@mercury/isa";
import * as x from "../../../wasm/expression.ts";
import { long64 as l, type Int, type Long } from "../../../wasm/expression.ts";
import type { FloatBuilder } from "./instruction.ts";
import {
  BIAS,
  exponentOf,
  type FloatValue,
  INTEGER_BIT,
  isNormal,
  isZero,
  loadFloat,
  NOTHING,
  precisionMasked,
  roundsUp,
  setExact,
  setRounded,
  signOf,
  storeFloat,
} from "./number.ts";

interface RealFormat {
  readonly exponentBits: number;
  readonly fractionBits: number;
}
const single: RealFormat = { exponentBits: 8, fractionBits: 23 };
const double: RealFormat = { exponentBits: 11, fractionBits: 52 };

const places = (count: number): Long => x.long(BigInt(count));

/** A normal number or zero out of its bits. */
function fromReal(f: FloatBuilder, bits: Long, { exponentBits, fractionBits }: RealFormat): FloatValue {
  const { b } = f;
  const largest = (1 << exponentBits) - 1;
  const exponent = b.let(x.and(x.wrap(l.shrU(bits, places(fractionBits))), x.int(largest)));
  const sign = b.let(x.shl(x.and(x.wrap(l.shrU(bits, places(exponentBits + fractionBits))), x.int(1)), x.int(15)));
  const fraction = l.and(l.shl(bits, places(63 - fractionBits)), x.long((1n << 63n) - 1n));
  const significand = b.f.variable(l.or(INTEGER_BIT, fraction));
  const top = b.f.variable(x.or(sign, x.add(exponent, x.int(BIAS - (largest >> 1)))));
  b.f.if(x.isZero(x.ltU(x.sub(exponent, x.int(1)), x.int(largest - 1))), () => {
    f.unless(l.isZero(l.shl(bits, places(64 - exponentBits - fractionBits))));
    b.f.set(significand, NOTHING);
    b.f.set(top, sign);
  });
  return { significand, top };
}

function fromInteger(f: FloatBuilder, value: Long): FloatValue {
  const { b } = f;
  const negative = b.let(l.ltS(value, NOTHING));
  const magnitude = b.letLong(x.select(negative, l.sub(NOTHING, value), value));
  const zeros = b.letLong(l.countLeadingZeros(magnitude));
  const top = x.or(x.shl(negative, x.int(15)), x.sub(x.int(BIAS + 63), x.wrap(zeros)));
  return {
    significand: b.letLong(l.shl(magnitude, zeros)),
    top: b.let(x.select(l.isZero(magnitude), x.int(0), top)),
  };
}

/** A register in memory. */
const REGISTER_BYTES = 10;

/** The operand in memory as a register value; anything but numbers and zeros goes to the host. */
export function loadOperand(f: FloatBuilder, type: OperandType): FloatValue {
  const { b } = f;
  const at = (bytes: number): Int => f.memory(bytes, false);
  if (type === "f80") return loadFloat(b.f, at(REGISTER_BYTES));
  if (type === "f32") return fromReal(f, b.letLong(x.extendUnsigned(x.loadInt(at(4)))), single);
  if (type === "f64") return fromReal(f, b.letLong(x.loadLong(at(8))), double);
  if (type === "i16") return fromInteger(f, b.letLong(x.extendSigned(x.signExtend16(x.loadWord(at(2))))));
  if (type === "i32") return fromInteger(f, b.letLong(x.extendSigned(x.loadInt(at(4)))));
  if (type === "i64") return fromInteger(f, b.letLong(x.loadLong(at(8))));
  throw new TypeError(`no code for operands of type ${type}`);
}

/** Bits to store, and what to note once they are stored. */
interface Converted {
  readonly bits: Long;
  readonly inexact: Int;
  readonly up: Int;
}

/** Rounds down to `kept` of 64 bits; gives the magnitude with its rounding added. */
function rounded(f: FloatBuilder, kept: Long, fraction: Long, sign: Int): Converted {
  const { b } = f;
  const inexact = b.let(l.ne(fraction, NOTHING));
  f.unless(x.or(x.isZero(inexact), precisionMasked(f.cpu)));
  const up = b.let(roundsUp(b.f, f.cpu, fraction, x.wrap(l.and(kept, places(1))), sign));
  return { bits: b.letLong(l.add(kept, x.extendUnsigned(up))), inexact, up };
}

function toReal(f: FloatBuilder, value: FloatValue, { exponentBits, fractionBits }: RealFormat): Converted {
  const { b } = f;
  const bias = (1 << (exponentBits - 1)) - 1;
  const cut = 63 - fractionBits;
  const zero = b.let(isZero(value));
  const exponent = b.let(x.sub(exponentOf(value), x.int(BIAS - bias)));
  // Rounding up may carry into the exponent, so the largest is left out.
  const fits = x.and(isNormal(value), x.ltU(x.sub(exponent, x.int(1)), x.int(2 * bias - 1)));
  f.unless(x.or(zero, fits));
  const sign = b.let(signOf(value));
  const fraction = b.letLong(l.shl(value.significand, places(64 - cut)));
  const { bits, inexact, up } = rounded(f, b.letLong(l.shrU(value.significand, places(cut))), fraction, sign);
  // The integer bit adds 1 to the exponent below it.
  const whole = l.add(l.shl(x.extendSigned(x.sub(exponent, x.int(1))), places(fractionBits)), bits);
  const signBit = l.shl(x.extendUnsigned(sign), places(exponentBits + fractionBits - 15));
  return { bits: b.letLong(l.or(signBit, x.select(zero, NOTHING, whole))), inexact, up };
}

function toInteger(f: FloatBuilder, value: FloatValue, size: number): Converted {
  const { b } = f;
  const zero = b.let(isZero(value));
  const exponent = b.let(x.sub(exponentOf(value), x.int(BIAS)));
  f.unless(x.or(zero, x.and(isNormal(value), x.ltS(exponent, x.int(size - 1)))));
  const kept = b.f.variable(NOTHING);
  const fraction = b.f.variable(x.extendUnsigned(x.isZero(zero)));
  b.f.if(x.eq(exponent, x.int(-1)), () => b.f.set(fraction, value.significand));
  b.f.if(x.isZero(x.ltS(exponent, x.int(0))), () => {
    const long = b.letLong(x.extendUnsigned(exponent));
    b.f.set(kept, l.shrU(value.significand, l.sub(places(63), long)));
    b.f.set(fraction, l.shl(l.shl(value.significand, places(1)), long));
  });
  const sign = b.let(signOf(value));
  const { bits, inexact, up } = rounded(f, kept, fraction, sign);
  f.unless(l.isZero(l.shrU(bits, places(size - 1))));
  return { bits: b.letLong(x.select(sign, l.sub(NOTHING, bits), bits)), inexact, up };
}

/** Stores a register value, rounded to a type in memory. */
export function storeOperand(f: FloatBuilder, type: OperandType, value: FloatValue): void {
  const { f: code } = f.b;
  if (type === "f80") {
    storeFloat(code, f.memory(REGISTER_BYTES, true), value);
    setExact(code, f.cpu);
    return;
  }
  const { bits, inexact, up } =
    type === "f32"
      ? toReal(f, value, single)
      : type === "f64"
        ? toReal(f, value, double)
        : toInteger(f, value, type === "i16" ? 16 : type === "i32" ? 32 : 64);
  const bytes = type === "i16" ? 2 : type === "f32" || type === "i32" ? 4 : 8;
  const host = f.memory(bytes, true);
  if (bytes === 8) code.storeLong(host, 0, bits);
  else if (bytes === 4) code.storeInt(host, 0, x.wrap(bits));
  else code.storeWord(host, 0, x.wrap(bits));
  setRounded(code, f.cpu, inexact, up);
}
