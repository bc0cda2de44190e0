import { at } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import type { InstructionBuilder } from "../builder.ts";
import { extend } from "../memory-values.ts";
import type { SemanticsTable } from "./semantics.ts";

/** Result of a shift by a count of 1 to 31, and the flags that it makes. OF and CF as 0 or 1. */
interface Shifted {
  readonly result: Int;
  readonly carry: Int;
  readonly overflow: Int;
}

/** `value` is zero-extended and, like `count`, may be used more than once. */
type Shift = (b: InstructionBuilder, value: Int, count: Int) => Shifted;

const ONE = x.int(1);
const bits = (b: InstructionBuilder): number => b.size * 8;
const bit = (value: Int, number: number): Int => x.and(x.shrU(value, x.int(number)), ONE);

/** Counts are taken modulo 32 (SDM 2B "SAL/SAR/SHL/SHR"). */
function maskedCount(b: InstructionBuilder, position: number): Int {
  return b.let(x.and(b.unsigned(position), x.int(31)));
}

/** Replaces operand 0; a count of 0 leaves the flags, but memory is written all the same. */
function shift(b: InstructionBuilder, count: Int, compute: Shift, setsResult: boolean): void {
  let shifted: Shifted = { result: count, carry: count, overflow: count };
  b.modify(0, (value) => {
    const operand = b.let(extend(value, b.size, false));
    shifted = compute(b, operand, count);
    return shifted.result;
  });
  b.f.if(count, () => {
    b.setCarry(shifted.carry);
    b.setOverflowBit(shifted.overflow);
    if (!setsResult) return;
    b.set(at.auxiliary, x.int(0));
    b.setResult(extend(shifted.result, b.size, true));
  });
}

const left: Shift = (b, value, count) => {
  const n = bits(b);
  const result = b.let(x.shl(value, count));
  // Of a narrow operand the bit shifted out last is bit n of the wide result: 0 once the count is above n.
  const carry = b.let(n === 32 ? x.and(x.shrU(value, x.sub(x.int(32), count)), ONE) : bit(result, n));
  return { result, carry, overflow: x.xor(carry, bit(result, n - 1)) };
};

const right: Shift = (b, value, count) => {
  const n = bits(b);
  const result = b.let(x.shrU(value, count));
  const carry = x.and(x.shrU(value, x.sub(count, ONE)), ONE);
  // By one: the old sign, which is now one place lower. By more, hardware shows the same bits of the result.
  return { result, carry, overflow: x.xor(bit(result, n - 1), bit(result, n - 2)) };
};

const rightSigned: Shift = (b, value, count) => {
  const wide = b.let(extend(value, b.size, true));
  const carry = x.and(x.shrS(wide, x.sub(count, ONE)), ONE);
  return { result: b.let(x.shrS(wide, count)), carry, overflow: x.int(0) };
};

/** A narrow operand repeated to 32 bits: rotating the whole rotates each copy. */
function repeated(b: InstructionBuilder, value: Int): Int {
  if (b.size === 4) return value;
  return x.mul(value, x.int(b.size === 1 ? 0x01010101 : 0x00010001));
}

const rotateLeft: Shift = (b, value, count) => {
  const n = bits(b);
  const result = b.let(x.rotl(repeated(b, value), count));
  return { result, carry: x.and(result, ONE), overflow: x.xor(x.and(result, ONE), bit(result, n - 1)) };
};

const rotateRight: Shift = (b, value, count) => {
  const n = bits(b);
  const result = b.let(x.rotr(repeated(b, value), count));
  return { result, carry: bit(result, n - 1), overflow: x.xor(bit(result, n - 1), bit(result, n - 2)) };
};

/** Rotation to the left of CF and operand together, n + 1 bits, by 0 to n places. */
function throughCarry(b: InstructionBuilder, value: Int, places: Int): { result: Int; carry: Int } {
  const n = bits(b);
  const { shl, shrU, or } = x.long64;
  const carryIn = shl(x.extendUnsigned(b.get(at.carry)), x.long(BigInt(n)));
  const whole = b.letLong(or(carryIn, x.extendUnsigned(value)));
  const distance = b.letLong(x.extendUnsigned(places));
  const back = x.long64.sub(x.long(BigInt(n + 1)), distance);
  const rotated = b.letLong(or(shl(whole, distance), shrU(whole, back)));
  const carry = x.and(x.wrap(shrU(rotated, x.long(BigInt(n)))), ONE);
  return { result: b.let(x.wrap(rotated)), carry: b.let(carry) };
}

const rotateLeftThroughCarry: Shift = (b, value, count) => {
  const n = bits(b);
  const places = n === 32 ? count : b.let(x.remU(count, x.int(n + 1)));
  const { result, carry } = throughCarry(b, value, places);
  return { result, carry, overflow: x.xor(carry, bit(result, n - 1)) };
};

const rotateRightThroughCarry: Shift = (b, value, count) => {
  const n = bits(b);
  const wanted = n === 32 ? count : x.remU(count, x.int(n + 1));
  const places = b.let(x.remU(x.sub(x.int(n + 1), wanted), x.int(n + 1)));
  const { result, carry } = throughCarry(b, value, places);
  return { result, carry, overflow: x.xor(bit(result, n - 1), bit(result, n - 2)) };
};

/**
 * SHLD and SHRD of 16-bit operands: as if the destination were followed by the source twice, which is what processors show
 * for counts above 16 that the manual leaves undefined.
 */
function doubleNarrow(b: InstructionBuilder, value: Int, filler: Int, count: Int, toLeft: boolean): Shifted {
  const { or, shl, shrU, sub } = x.long64;
  const wide = x.extendUnsigned(value);
  const twice = x.extendUnsigned(b.let(x.or(x.shl(filler, x.int(16)), filler)));
  const all = b.letLong(toLeft ? or(shl(wide, x.long(32n)), twice) : or(shl(twice, x.long(16n)), wide));
  const places = b.letLong(x.extendUnsigned(count));
  const result = b.let(x.and(x.wrap(shrU(all, toLeft ? sub(x.long(32n), places) : places)), x.int(0xffff)));
  // Only bits of the destination itself reach CF.
  const out = toLeft ? bit(x.shl(value, count), 16) : x.and(x.shrU(value, x.sub(count, ONE)), ONE);
  return { result, carry: out, overflow: x.xor(bit(result, 15), bit(value, 15)) };
}

function doubleWide(b: InstructionBuilder, value: Int, filler: Int, count: Int, toLeft: boolean): Shifted {
  const back = b.let(x.sub(x.int(32), count));
  const moved = toLeft ? x.or(x.shl(value, count), x.shrU(filler, back)) : x.or(x.shrU(value, count), x.shl(filler, back));
  const result = b.let(x.select(count, moved, value));
  const carry = x.and(x.shrU(value, toLeft ? back : x.sub(count, ONE)), ONE);
  return { result, carry, overflow: bit(x.xor(result, value), 31) };
}

/** SHLD and SHRD: the bits that come in are those of operand 1. */
function double(b: InstructionBuilder, toLeft: boolean): void {
  const count = maskedCount(b, 2);
  const filler = b.unsigned(1);
  const one = b.size === 2 ? doubleNarrow : doubleWide;
  shift(b, count, (_, value) => one(b, value, filler, count, toLeft), true);
}

export const shifts: SemanticsTable = {
  shl: (b) => shift(b, maskedCount(b, 1), left, true),
  shr: (b) => shift(b, maskedCount(b, 1), right, true),
  sar: (b) => shift(b, maskedCount(b, 1), rightSigned, true),
  rol: (b) => shift(b, maskedCount(b, 1), rotateLeft, false),
  ror: (b) => shift(b, maskedCount(b, 1), rotateRight, false),
  rcl: (b) => shift(b, maskedCount(b, 1), rotateLeftThroughCarry, false),
  rcr: (b) => shift(b, maskedCount(b, 1), rotateRightThroughCarry, false),
  shld: (b) => double(b, true),
  shrd: (b) => double(b, false),
};
