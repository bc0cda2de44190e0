import { at, eflags } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import type { InstructionBuilder } from "../builder.ts";
import type { SemanticsTable } from "./semantics.ts";

const EAX = 0;
const ECX = 1;
const EDX = 2;
/** AH among the byte registers. */
const AH = 4;

function exchange(b: InstructionBuilder): void {
  const other = b.signed(1);
  if (!b.isMemory(0)) {
    const value = b.signed(0);
    b.source.setRegister(1, b.size, value);
    b.source.setRegister(0, b.size, other);
    return;
  }
  let old = other;
  b.modify(0, (value) => {
    old = value;
    return other;
  });
  b.source.setRegister(1, b.size, old);
}

/** Of a 16-bit operand the manual leaves the result undefined; processors give 0. */
function swapBytes(b: InstructionBuilder): void {
  if (b.size === 2) {
    b.write(0, x.int(0));
    return;
  }
  const value = b.signed(0);
  const outer = x.and(x.rotl(value, x.int(8)), x.int(0x00ff00ff));
  const inner = x.and(x.rotr(value, x.int(8)), x.int(0xff00ff00));
  b.write(0, x.or(outer, inner));
}

/** CBW and CWDE: the lower half of the accumulator, sign-extended. */
function widen(b: InstructionBuilder): void {
  const { operandSize } = b.shape;
  const lower = b.source.fixed(EAX, operandSize === 4 ? 2 : 1, true);
  b.source.setFixed(EAX, operandSize, lower);
}

function setBits(b: InstructionBuilder, offset: number, bits: number): void {
  b.set(offset, x.or(b.get(offset), x.int(bits)));
}

function clearBits(b: InstructionBuilder, offset: number, bits: number): void {
  b.set(offset, x.and(b.get(offset), x.int(~bits)));
}

/** SAHF: SF, ZF, AF, PF and CF from AH; OF stays. The packing is that of state/flags.ts. */
function storeFlags(b: InstructionBuilder): void {
  const image = b.let(b.source.fixed(AH, 1, false));
  const one = x.int(1);
  const bit = (number: number): Int => x.and(x.shrU(image, x.int(number)), one);
  const zero = b.let(bit(6));
  b.set(at.result, x.xor(zero, one));
  b.set(at.resultHigh, x.or(x.shl(bit(7), x.int(31)), x.xor(bit(2), zero)));
  b.set(at.auxiliary, x.and(image, x.int(eflags.AF)));
  b.setCarry(x.and(image, one));
}

export const data: SemanticsTable = {
  mov: (b) => b.write(0, b.signed(1)),
  movzx: (b) => b.write(0, b.unsigned(1)),
  movsx: (b) => b.write(0, b.signed(1)),
  lea: (b) => b.write(0, b.offset(1)),
  xchg: exchange,
  bswap: swapBytes,
  cwde: widen,
  cdq: (b) => {
    const { operandSize } = b.shape;
    b.source.setFixed(EDX, operandSize, x.shrS(b.source.fixed(EAX, operandSize, true), x.int(31)));
  },
  nop: () => undefined,
  pause: () => undefined,
  salc: (b) => b.source.setFixed(EAX, 1, x.sub(x.int(0), b.get(at.carry))),

  clc: (b) => b.setCarry(x.int(0)),
  stc: (b) => b.setCarry(x.int(1)),
  cmc: (b) => b.setCarry(x.xor(b.get(at.carry), x.int(1))),
  cld: (b) => clearBits(b, at.eflags, eflags.DF),
  std: (b) => setBits(b, at.eflags, eflags.DF),
  lahf: (b) => b.source.setFixed(AH, 1, b.flags()),
  sahf: storeFlags,
};

export { clearBits, ECX, setBits };
