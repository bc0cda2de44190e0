import * as x from "../../../wasm/expression.ts";
import { i32x4, i64x2, i8x16 } from "../../../wasm/simd.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import type { Semantics, SemanticsTable } from "../semantics.ts";
import { enterMmx, read, readLow, requireVectors, write, writeLow } from "./operands.ts";

/** All of the source; what the destination has more than the source becomes 0. */
const move: Semantics = (b) => {
  requireVectors(b);
  write(b, 0, read(b, 1));
  enterMmx(b);
};

/** MOVQ between XMM registers and memory: the upper half of a register becomes 0. */
const moveQuad: Semantics = (b) => {
  requireVectors(b);
  write(b, 0, readLow(b, 1, 8));
};

/** MOVSS, MOVSD: a register keeps its upper part when another register is the source, and is cleared when memory is. */
const moveScalar =
  (size: 4 | 8): Semantics =>
  (b) => {
    requireVectors(b);
    if (b.isMemory(1)) write(b, 0, read(b, 1));
    else writeLow(b, 0, size, readLow(b, 1, size));
  };

/** MOVLPS, MOVLPD. */
const moveLow: Semantics = (b) => {
  requireVectors(b);
  writeLow(b, 0, 8, readLow(b, 1, 8));
};

/** MOVHPS, MOVHPD: memory and the upper half of a register. */
const moveHigh: Semantics = (b) => {
  requireVectors(b);
  if (b.isMemory(1)) {
    const value = read(b, 1);
    b.f.storeLane(b.source.slot(0), 8, 8, value);
  } else writeLow(b, 0, 8, v.loadLow(b.source.slot(1), 8, 8));
};

/** MOVHLPS: the upper half to the lower. */
const moveDown: Semantics = (b) => {
  requireVectors(b);
  b.f.storeLane(b.source.slot(0), 0, 8, v.loadLow(b.source.slot(1), 8, 8));
};

/** MOVLHPS: the lower half to the upper. */
const moveUp: Semantics = (b) => {
  requireVectors(b);
  b.f.storeLane(b.source.slot(0), 8, 8, v.loadLow(b.source.slot(1), 8));
};

/** The sign bits of all lanes, in a general register. */
function signs(b: InstructionBuilder, opcode: number): void {
  requireVectors(b);
  const mask = v.ask(opcode, read(b, 1));
  // An MMX register has only the lower eight bytes; those above are zeros.
  b.source.setRegister(0, 4, mask);
  enterMmx(b);
}

export const moves: SemanticsTable = {
  movd: move,
  movdqa: move,
  movdqu: move,
  movaps: move,
  movapd: move,
  movups: move,
  movupd: move,
  movntq: move,
  movntdq: move,
  movntps: move,
  movntpd: move,
  movq: (b) => (b.shape.kinds.includes("mmx") ? move(b) : moveQuad(b)),
  movq2dq: move,
  movdq2q: move,
  movss: moveScalar(4),
  movsd: moveScalar(8),
  movlps: moveLow,
  movlpd: moveLow,
  movhps: moveHigh,
  movhpd: moveHigh,
  movhlps: moveDown,
  movlhps: moveUp,
  pmovmskb: (b) => signs(b, i8x16.bitmask),
  movmskps: (b) => signs(b, i32x4.bitmask),
  movmskpd: (b) => signs(b, i64x2.bitmask),
  // Its operands are integers.
  movnti: (b) => b.write(0, b.signed(1)),
  pinsrw: (b) => {
    requireVectors(b);
    const value = b.unsigned(1);
    const lanes = b.shape.kinds[0] === "mmx" ? 3 : 7;
    const lane = x.shl(x.and(b.source.immediate(), x.int(lanes)), x.int(1));
    if (b.shape.kinds[0] === "mmx") write(b, 0, read(b, 0));
    b.f.storeWord(x.add(b.source.slot(0), lane), 0, value);
    enterMmx(b);
  },
  pextrw: (b) => {
    requireVectors(b);
    const lanes = b.shape.kinds[1] === "mmx" ? 3 : 7;
    const lane = x.shl(x.and(b.source.immediate(), x.int(lanes)), x.int(1));
    b.source.setRegister(0, 4, x.loadWord(x.add(b.source.slot(1), lane)));
    enterMmx(b);
  },
};
