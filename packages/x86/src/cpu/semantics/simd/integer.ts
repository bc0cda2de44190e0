import type { Vector } from "../../../wasm/expression.ts";
import { i16x8, i32x4, i64x2, i8x16, v128 } from "../../../wasm/simd.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import type { Semantics, SemanticsTable } from "../semantics.ts";
import { enterMmx, read, requireVectors, write } from "./operands.ts";

/** Destination := f(destination, source). In MMX registers only the lower halves of the vectors count. */
export function combine(compute: (destination: Vector, source: Vector, b: InstructionBuilder) => Vector): Semantics {
  return (b) => {
    requireVectors(b);
    const source = read(b, 1);
    const destination = read(b, 0);
    write(b, 0, compute(destination, source, b));
    enterMmx(b);
  };
}

/** One vector instruction does it, lane by lane. */
const lanes = (opcode: number): Semantics => combine((destination, source) => v.binary(opcode, destination, source));

/** Upper words of the products of words, out of the products. */
function highWords(low: Vector, high: Vector): Vector {
  return v.shuffle(low, high, [2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31]);
}

/** Dwords 0 and 2 in the places 0 and 1. */
const evenDwords = (a: Vector): Vector => v.shuffle(a, a, [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);

/** Sums of the differences of eight bytes each, in the low words of the quadwords. */
function sumOfDifferences(a: Vector, b: Vector, builder: InstructionBuilder): Vector {
  const differences = v.binary(v128.or, v.binary(i8x16.subSatU, a, b), v.binary(i8x16.subSatU, b, a));
  const sums = builder.f.let(v.unary(i32x4.extaddPairwiseU, v.unary(i16x8.extaddPairwiseU, differences)));
  const even = v.binary(v128.and, sums, v.constant([255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]));
  return v.binary(i64x2.add, even, v.shuffle(sums, v.zero, [4, 5, 6, 7, 16, 16, 16, 16, 12, 13, 14, 15, 16, 16, 16, 16]));
}

const and = lanes(v128.and);
const or = lanes(v128.or);
const xor = lanes(v128.xor);
const andNot = combine((destination, source) => v.binary(v128.andnot, source, destination));

export const vectorIntegers: SemanticsTable = {
  paddb: lanes(i8x16.add),
  paddw: lanes(i16x8.add),
  paddd: lanes(i32x4.add),
  paddq: lanes(i64x2.add),
  paddsb: lanes(i8x16.addSatS),
  paddsw: lanes(i16x8.addSatS),
  paddusb: lanes(i8x16.addSatU),
  paddusw: lanes(i16x8.addSatU),
  psubb: lanes(i8x16.sub),
  psubw: lanes(i16x8.sub),
  psubd: lanes(i32x4.sub),
  psubq: lanes(i64x2.sub),
  psubsb: lanes(i8x16.subSatS),
  psubsw: lanes(i16x8.subSatS),
  psubusb: lanes(i8x16.subSatU),
  psubusw: lanes(i16x8.subSatU),
  pmullw: lanes(i16x8.mul),
  pmulhw: combine((a, b) => highWords(v.binary(i32x4.extmulLowS, a, b), v.binary(i32x4.extmulHighS, a, b))),
  pmulhuw: combine((a, b) => highWords(v.binary(i32x4.extmulLowU, a, b), v.binary(i32x4.extmulHighU, a, b))),
  pmuludq: combine((a, b) => v.binary(i64x2.extmulLowU, evenDwords(a), evenDwords(b))),
  pmaddwd: lanes(i32x4.dot),
  psadbw: combine(sumOfDifferences),
  pavgb: lanes(i8x16.avgrU),
  pavgw: lanes(i16x8.avgrU),
  pmaxub: lanes(i8x16.maxU),
  pmaxsw: lanes(i16x8.maxS),
  pminub: lanes(i8x16.minU),
  pminsw: lanes(i16x8.minS),
  pcmpeqb: lanes(i8x16.eq),
  pcmpeqw: lanes(i16x8.eq),
  pcmpeqd: lanes(i32x4.eq),
  pcmpgtb: lanes(i8x16.gtS),
  pcmpgtw: lanes(i16x8.gtS),
  pcmpgtd: lanes(i32x4.gtS),
  pand: and,
  andps: and,
  andpd: and,
  pandn: andNot,
  andnps: andNot,
  andnpd: andNot,
  por: or,
  orps: or,
  orpd: or,
  pxor: xor,
  xorps: xor,
  xorpd: xor,
};
