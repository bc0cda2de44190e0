import { Builder } from "./builder.ts";
import type { HelperName, RegPair } from "./context.ts";
import { eax, ecx, edx, immediate, register, type MirFunction, type Operand, type Reg } from "./mir.ts";

/**
 * 64-bit division for IA-32, written over virtual registers like any function: two i64 parameters on the stack, an i64 result.
 * A divisor of 0 and a quotient of 2^63 raise #DE, as the 32-bit instructions do.
 */
export function helperFunction(name: HelperName, symbol: string): MirFunction {
  const builder = new Builder(symbol, 16, 0);
  const left = incomingPair(builder, 8);
  const right = incomingPair(builder, 0);
  const signed = name === "divideSigned64" || name === "remainderSigned64";
  const remainder = name === "remainderUnsigned64" || name === "remainderSigned64";
  const result = signed
    ? signedDivision(builder, left, right, remainder)
    : unsignedDivision(builder, left, right)[remainder ? "remainder" : "quotient"];
  builder.move(eax, register(result.low));
  builder.move(edx, register(result.high));
  builder.leave([eax, edx]);
  return builder.mir;
}

function incomingPair(builder: Builder, offset: number): RegPair {
  return { low: builder.load({ kind: "incoming", offset }), high: builder.load({ kind: "incoming", offset: offset + 4 }) };
}

interface Quotient {
  readonly quotient: RegPair;
  readonly remainder: RegPair;
}

function setPair(builder: Builder, to: RegPair, low: Operand, high: Operand): void {
  builder.move(to.low, low);
  builder.move(to.high, high);
}

/** edx:eax / divisor, for a high word below the divisor. */
function divideWide(builder: Builder, high: Operand, low: Operand, divisor: Reg): { quotient: Reg; remainder: Reg } {
  builder.move(eax, low);
  builder.move(edx, high);
  builder.emit("div", [register(divisor)]);
  const quotient = builder.load(register(eax));
  return { quotient, remainder: builder.load(register(edx)) };
}

function unsignedDivision(builder: Builder, left: RegPair, right: RegPair): Quotient {
  const quotient = { low: builder.fresh(), high: builder.fresh() };
  const remainder = { low: builder.fresh(), high: builder.fresh() };
  const wide = builder.newLabel();
  const done = builder.newLabel();
  builder.emit("test", [register(right.high), register(right.high)]);
  builder.jumpIf("ne", wide);
  byWord(builder, left, right.low, { quotient, remainder });
  builder.jump(done);
  builder.label(wide);
  byPair(builder, left, right, { quotient, remainder });
  builder.label(done);
  return { quotient, remainder };
}

/** Schoolbook division, a word at a time. */
function byWord(builder: Builder, left: RegPair, divisor: Reg, result: Quotient): void {
  const high = divideWide(builder, immediate(0), register(left.high), divisor);
  const low = divideWide(builder, register(high.remainder), register(left.low), divisor);
  setPair(builder, result.quotient, register(low.quotient), register(high.quotient));
  setPair(builder, result.remainder, register(low.remainder), immediate(0));
}

/**
 * The quotient fits one word. An estimate from the normalised divisor's high word is at most one too small after taking 1 off
 * (Warren, Hacker's Delight, 9-5 "Unsigned doubleword division").
 */
function byPair(builder: Builder, left: RegPair, right: RegPair, result: Quotient): void {
  const shift = builder.fresh();
  builder.emit("bsr", [register(shift), register(right.high)]);
  // 31 - bsr leading zeros; the normalised high word is the divisor shifted left by them.
  const zeros = builder.two("xor", register(shift), immediate(31));
  const normal = builder.load(register(right.high));
  builder.move(ecx, register(zeros));
  builder.emit("shld", [register(normal), register(right.low), register(ecx)]);
  const halfLow = builder.load(register(left.low));
  builder.emit("shrd", [register(halfLow), register(left.high), immediate(1)]);
  const halfHigh = builder.two("shr", register(left.high), immediate(1));
  const estimate = divideWide(builder, register(halfHigh), register(halfLow), normal).quotient;
  builder.move(ecx, register(shift));
  builder.emit("shr", [register(estimate), register(ecx)]);
  decrementUnlessZero(builder, estimate);
  correct(builder, left, right, estimate, result);
}

function decrementUnlessZero(builder: Builder, value: Reg): void {
  builder.emit("cmp", [register(value), immediate(1)]);
  builder.emit("adc", [register(value), immediate(-1)]);
}

/** remainder = left - quotient * right; one more when that is not below the divisor. */
function correct(builder: Builder, left: RegPair, right: RegPair, estimate: Reg, result: Quotient): void {
  const cross = builder.two("imul", register(estimate), register(right.high));
  builder.move(eax, register(estimate));
  builder.emit("mul1", [register(right.low)]);
  const productLow = builder.load(register(eax));
  const productHigh = builder.two("add", register(edx), register(cross));
  setPair(builder, result.remainder, register(left.low), register(left.high));
  builder.emit("sub", [register(result.remainder.low), register(productLow)]);
  builder.emit("sbb", [register(result.remainder.high), register(productHigh)]);
  setPair(builder, result.quotient, register(estimate), immediate(0));
  const done = builder.newLabel();
  const high = builder.load(register(result.remainder.high));
  builder.emit("cmp", [register(result.remainder.low), register(right.low)]);
  builder.emit("sbb", [register(high), register(right.high)]);
  builder.jumpIf("b", done);
  builder.emit("sub", [register(result.remainder.low), register(right.low)]);
  builder.emit("sbb", [register(result.remainder.high), register(right.high)]);
  builder.emit("add", [register(result.quotient.low), immediate(1)]);
  builder.label(done);
}

/** Divides magnitudes; the quotient is negative when the signs differ, the remainder has the dividend's sign. */
function signedDivision(builder: Builder, left: RegPair, right: RegPair, remainder: boolean): RegPair {
  const leftSign = builder.two("sar", register(left.high), immediate(31));
  const rightSign = builder.two("sar", register(right.high), immediate(31));
  const magnitudes = unsignedDivision(builder, applySign(builder, left, leftSign), applySign(builder, right, rightSign));
  if (remainder) return applySign(builder, magnitudes.remainder, leftSign);
  const sign = builder.two("xor", register(leftSign), register(rightSign));
  trapIfTooLarge(builder, magnitudes.quotient.high, sign);
  return applySign(builder, magnitudes.quotient, sign);
}

/** (value ^ sign) - sign: negates when `sign` is all ones. */
function applySign(builder: Builder, value: RegPair, sign: Reg): RegPair {
  const low = builder.two("xor", register(value.low), register(sign));
  const high = builder.two("xor", register(value.high), register(sign));
  builder.emit("sub", [register(low), register(sign)]);
  builder.emit("sbb", [register(high), register(sign)]);
  return { low, high };
}

/** A quotient of 2^63 that is not negative is no i64: #DE by the same quotient in 32 bits. */
function trapIfTooLarge(builder: Builder, high: Reg, sign: Reg): void {
  const fits = builder.newLabel();
  const inverted = builder.two("xor", register(sign), immediate(-1));
  builder.emit("test", [register(high), register(inverted)]);
  builder.jumpIf("ns", fits);
  const minusOne = builder.constant(-1);
  builder.move(eax, immediate(-0x80000000));
  builder.emit("cdq");
  builder.emit("idiv", [register(minusOne)]);
  builder.label(fits);
}
