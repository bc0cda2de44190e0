import * as x from "../../../wasm/expression.ts";
import type { Int, Vector } from "../../../wasm/expression.ts";
import { i16x8, i32x4, i64x2, i8x16 } from "../../../wasm/simd.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import type { Semantics, SemanticsTable } from "../semantics.ts";
import { constantByte, enterMmx, read, requireVectors, write } from "./operands.ts";

/** The count, or `limit` if it is above that: a constant, or 64 bits of a register or memory. */
function count(b: InstructionBuilder, limit: number): Int {
  if (b.shape.kinds[1] === "immediate") {
    const constant = constantByte(b);
    return b.let(x.select(x.gtU(constant, x.int(limit)), x.int(limit), constant));
  }
  const given = b.letLong(v.extractLong(read(b, 1), 0));
  return b.let(x.select(x.long64.geU(given, x.long(BigInt(limit))), x.int(limit), x.wrap(given)));
}

/** Logical shifts by the lane's size or more give 0. */
function logical(opcode: number, bits: number): Semantics {
  return (b) => {
    requireVectors(b);
    const by = count(b, bits);
    const shifted = v.shift(opcode, read(b, 0), by);
    write(b, 0, x.select(x.eq(by, x.int(bits)), v.zero, shifted));
    enterMmx(b);
  };
}

/** Arithmetic shifts by more than all bits leave the sign everywhere. */
function arithmetic(opcode: number, bits: number): Semantics {
  return (b) => {
    requireVectors(b);
    const by = count(b, bits - 1);
    write(b, 0, v.shift(opcode, read(b, 0), by));
    enterMmx(b);
  };
}

const NUMBERS: Vector = v.constant([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

/** PSLLDQ, PSRLDQ: bytes of the whole register; numbers outside 0 to 15 choose zeros. */
function bytes(opcode: number): Semantics {
  return (b) => {
    requireVectors(b);
    const by = v.splat(i8x16.splat, count(b, 16));
    write(b, 0, v.swizzle(read(b, 0), v.binary(opcode, NUMBERS, by)));
  };
}

export const vectorShifts: SemanticsTable = {
  psllw: logical(i16x8.shl, 16),
  pslld: logical(i32x4.shl, 32),
  psllq: logical(i64x2.shl, 64),
  psrlw: logical(i16x8.shrU, 16),
  psrld: logical(i32x4.shrU, 32),
  psrlq: logical(i64x2.shrU, 64),
  psraw: arithmetic(i16x8.shrS, 16),
  psrad: arithmetic(i32x4.shrS, 32),
  pslldq: bytes(i8x16.sub),
  psrldq: bytes(i8x16.add),
};
