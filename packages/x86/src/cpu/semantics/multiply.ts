import * as x from "../../wasm/expression.ts";
import type { Int, Long } from "../../wasm/expression.ts";
import type { InstructionBuilder } from "../builder.ts";
import { extend } from "../memory-values.ts";
import type { SemanticsTable } from "./semantics.ts";

const EAX = 0;
const EDX = 2;

const { divS, divU, remS, remU } = x.long64;

/** CF and OF tell that the upper half holds something (SDM 2A "MUL", "IMUL"); the others stay as they are. */
function setMultiplyFlags(b: InstructionBuilder, upperCounts: Int): void {
  const bit = b.let(upperCounts);
  b.setCarry(bit);
  b.setOverflowBit(bit);
}

function toLong(value: Int, signed: boolean): Long {
  return signed ? x.extendSigned(value) : x.extendUnsigned(value);
}

/** AX = AL * op, DX:AX = AX * op, EDX:EAX = EAX * op. */
function multiply(b: InstructionBuilder, signed: boolean): void {
  const { size, source } = b;
  const right = signed ? b.signed(0) : b.unsigned(0);
  const left = source.fixed(EAX, size, signed);
  if (size === 4) {
    const product = b.letLong(x.long64.mul(toLong(left, signed), toLong(right, signed)));
    const low = b.let(x.wrap(product));
    source.setFixed(EAX, 4, low);
    source.setFixed(EDX, 4, x.wrap(x.long64.shrU(product, x.long(32n))));
    setMultiplyFlags(b, x.long64.ne(product, toLong(low, signed)));
    return;
  }
  const product = b.let(x.mul(left, right));
  if (size === 1) source.setFixed(EAX, 2, product);
  else {
    source.setFixed(EAX, 2, product);
    source.setFixed(EDX, 2, x.shrU(product, x.int(16)));
  }
  setMultiplyFlags(b, x.ne(product, extend(product, size, signed)));
}

/** Two and three operands: op 0 = op (n - 2) * op (n - 1), truncated. */
function multiplyTruncated(b: InstructionBuilder): void {
  const three = b.shape.kinds.length === 3;
  const left = b.signed(three ? 1 : 0);
  const right = b.signed(three ? 2 : 1);
  if (b.size === 4) {
    const product = b.letLong(x.long64.mul(x.extendSigned(left), x.extendSigned(right)));
    const low = b.let(x.wrap(product));
    b.write(0, low);
    setMultiplyFlags(b, x.long64.ne(product, x.extendSigned(low)));
    return;
  }
  const product = b.let(x.mul(left, right));
  b.write(0, product);
  setMultiplyFlags(b, x.ne(product, extend(product, b.size, true)));
}

/** The dividend: AX, DX:AX or EDX:EAX, as 64 bits. */
function dividend(b: InstructionBuilder, signed: boolean): Long {
  const { size, source } = b;
  if (size === 1) return toLong(source.fixed(EAX, 2, signed), signed);
  if (size === 2) {
    const value = x.or(x.shl(source.fixed(EDX, 2, false), x.int(16)), source.fixed(EAX, 2, false));
    return toLong(value, signed);
  }
  const high = x.long64.shl(x.extendUnsigned(source.fixed(EDX, 4, false)), x.long(32n));
  return x.long64.or(high, x.extendUnsigned(source.fixed(EAX, 4, false)));
}

/** #DE when the divisor is 0 or the quotient does not fit (SDM 2A "DIV", "IDIV"). Flags stay as they are. */
function divide(b: InstructionBuilder, signed: boolean): void {
  const { size, source } = b;
  const divisor = b.letLong(toLong(signed ? b.signed(0) : b.unsigned(0), signed));
  const value = b.letLong(dividend(b, signed));
  const fail = (): void => b.run("divideError", [source.record]);
  b.f.if(x.long64.isZero(divisor), fail);
  if (signed && size === 4) {
    // The one quotient that 64 bits do not hold, on which the wasm division traps.
    const overflows = x.and(x.long64.eq(divisor, x.long(-1n)), x.long64.eq(value, x.long(-(2n ** 63n))));
    b.f.if(overflows, fail);
  }
  const quotient = b.letLong(signed ? divS(value, divisor) : divU(value, divisor));
  const low = b.let(x.wrap(quotient));
  b.f.if(x.long64.ne(quotient, toLong(extend(low, size, signed), signed)), fail);
  const remainder = b.let(x.wrap(signed ? remS(value, divisor) : remU(value, divisor)));
  source.setFixed(EAX, size, low);
  // AH is register 4 of the byte registers.
  source.setFixed(size === 1 ? 4 : EDX, size, remainder);
}

export const multiplication: SemanticsTable = {
  mul: (b) => multiply(b, false),
  imul: (b) => (b.shape.kinds.length === 1 ? multiply(b, true) : multiplyTruncated(b)),
  div: (b) => divide(b, false),
  idiv: (b) => divide(b, true),
};
