import { access } from "../imports.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import type { InstructionBuilder } from "../builder.ts";
import type { SemanticsTable } from "./semantics.ts";

const ONE = x.int(1);

/** What happens to the selected bit; undefined: it is only tested. */
type Change = ((value: Int, mask: Int) => Int) | undefined;

function accessOf(b: InstructionBuilder): number {
  return b.shape.kinds[0] === "checked" ? 0 : access.flat;
}

/**
 * Linear address of the unit that holds the bit: with a register offset, memory is a bit string that goes on in both
 * directions (SDM 2A "BT", "Bit(BitBase, BitOffset)").
 */
function unitAddress(b: InstructionBuilder, bitOffset: Int, need: 1 | 2): Int {
  if (b.shape.kinds[1] !== "register") return b.linear(0, need);
  const size = b.size;
  const units = x.shrS(bitOffset, x.int(size === 4 ? 5 : 4));
  const offset = x.add(b.offset(0), x.mul(units, x.int(size)));
  const reduced = b.shape.kinds[0] === "checked" ? x.and(offset, b.source.addressMask()) : offset;
  return b.linearAt(0, b.let(reduced), size, need);
}

function testBit(b: InstructionBuilder, change: Change): void {
  const { size } = b;
  const bitOffset = b.signed(1);
  const number = b.let(x.and(bitOffset, x.int(size * 8 - 1)));
  let old: Int = number;
  const compute = (value: Int): Int => {
    old = value;
    return change === undefined ? value : b.let(change(value, b.let(x.shl(ONE, number))));
  };
  if (!b.isMemory(0)) {
    if (change === undefined) old = b.signed(0);
    else b.modify(0, compute);
  } else if (change === undefined) {
    old = b.load(unitAddress(b, bitOffset, 1), size, true, accessOf(b));
  } else {
    b.update(unitAddress(b, bitOffset, 2), size, compute, accessOf(b));
  }
  b.setCarry(x.and(x.shrU(old, number), ONE));
}

/** A source of 0 sets ZF and leaves the destination as it was, which the manual calls undefined and all processors do. */
function scan(b: InstructionBuilder, find: (value: Int) => Int): void {
  const value = b.unsigned(1);
  b.f.if(value, () => b.write(0, find(value)));
  b.setResult(value);
}

export const bits: SemanticsTable = {
  bt: (b) => testBit(b, undefined),
  bts: (b) => testBit(b, x.or),
  btr: (b) => testBit(b, (value, mask) => x.and(value, x.not(mask))),
  btc: (b) => testBit(b, x.xor),
  bsf: (b) => scan(b, x.countTrailingZeros),
  bsr: (b) => scan(b, (value) => x.sub(x.int(31), x.countLeadingZeros(value))),
};
