import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { Int, Vector } from "../../../wasm/expression.ts";
import { i16x8, i8x16 } from "../../../wasm/simd.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import type { Semantics, SemanticsTable } from "../semantics.ts";
import { combine } from "./integer.ts";
import { constantByte, enterMmx, read, requireVectors, write } from "./operands.ts";

const isMmx = (b: InstructionBuilder): boolean => b.shape.kinds[0] === "mmx";

/** Where lanes of a source can be fetched by number: its register, or a copy of the memory operand. */
function place(b: InstructionBuilder, position: number): { base: Int; offset: number } {
  if (!b.isMemory(position)) return { base: b.source.slot(position), offset: 0 };
  const value = read(b, position);
  b.f.storeVector(b.source.cpu, at.wide, value);
  return { base: b.source.cpu, offset: at.wide };
}

/** Lane number `at` of a constant with `bits` for each, times the lane's bytes. */
function selected(constant: Int, at: number, bits: 1 | 2, size: number): Int {
  const lane = x.and(x.shrU(constant, x.int(at * bits)), x.int((1 << bits) - 1));
  return x.shl(lane, x.int(31 - Math.clz32(size)));
}

/** Lanes by the constant: each of the result's comes from the source that `from` names for it. */
function pick(
  b: InstructionBuilder,
  size: 2 | 4 | 8,
  bits: 1 | 2,
  sources: readonly { base: Int; offset: number }[],
  into: Vector,
  first = 0,
): Vector {
  const constant = constantByte(b);
  let result = into;
  for (const [index, { base, offset }] of sources.entries()) {
    const address = x.add(base, selected(constant, index, bits, size));
    result = b.f.let(v.loadLane(address, size, first + index, result, offset + first * size));
  }
  return result;
}

/** PSHUFD, PSHUFW: all lanes from one source. */
function shuffle(size: 2 | 4): Semantics {
  return (b) => {
    requireVectors(b);
    const source = place(b, 1);
    write(b, 0, pick(b, size, 2, [source, source, source, source], v.zero));
    enterMmx(b);
  };
}

/** PSHUFLW, PSHUFHW: four words change places, the other half is copied. */
function shuffleHalf(first: 0 | 4): Semantics {
  return (b) => {
    requireVectors(b);
    const source = place(b, 1);
    const whole = b.f.let(v.loadVector(source.base, source.offset));
    write(b, 0, pick(b, 2, 2, [source, source, source, source], whole, first));
  };
}

/** SHUFPS, SHUFPD: the lower half from the destination, the upper from the source. */
function shuffleTwo(size: 4 | 8): Semantics {
  return (b) => {
    requireVectors(b);
    const source = place(b, 1);
    const destination = { base: b.source.slot(0), offset: 0 };
    const sources = size === 4 ? [destination, destination, source, source] : [destination, source];
    write(b, 0, pick(b, size, size === 4 ? 2 : 1, sources, v.zero));
  };
}

/** Numbers for a shuffle that takes lanes of `size` bytes in turn from the lower or upper halves of both vectors. */
function turns(total: 8 | 16, size: number, high: boolean): number[] {
  const numbers = Array.from({ length: 16 }, () => 0);
  const first = high ? total / 2 : 0;
  for (let index = 0; index < total; index++) {
    const lane = Math.floor(index / (2 * size));
    const second = Math.floor(index / size) % 2;
    numbers[index] = first + lane * size + (index % size) + second * 16;
  }
  return numbers;
}

const interleave = (size: number, high: boolean): Semantics =>
  combine((destination, source, b) => v.shuffle(destination, source, turns(isMmx(b) ? 8 : 16, size, high)));

/** The lower halves of two vectors as one. */
const joined = (low: Vector, high: Vector): Vector => v.shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);

/** Narrower lanes with saturation: the destination's, then the source's. */
const pack = (opcode: number): Semantics =>
  combine((destination, source, b) => {
    if (!isMmx(b)) return v.binary(opcode, destination, source);
    return v.binary(opcode, joined(destination, source), v.zero);
  });

const lowDwords = interleave(4, false);
const highDwords = interleave(4, true);
const lowQuads = interleave(8, false);
const highQuads = interleave(8, true);

export const shuffles: SemanticsTable = {
  pshufw: shuffle(2),
  pshufd: shuffle(4),
  pshuflw: shuffleHalf(0),
  pshufhw: shuffleHalf(4),
  shufps: shuffleTwo(4),
  shufpd: shuffleTwo(8),
  punpcklbw: interleave(1, false),
  punpcklwd: interleave(2, false),
  punpckldq: lowDwords,
  unpcklps: lowDwords,
  punpcklqdq: lowQuads,
  unpcklpd: lowQuads,
  punpckhbw: interleave(1, true),
  punpckhwd: interleave(2, true),
  punpckhdq: highDwords,
  unpckhps: highDwords,
  punpckhqdq: highQuads,
  unpckhpd: highQuads,
  packsswb: pack(i8x16.narrowS),
  packssdw: pack(i16x8.narrowS),
  packuswb: pack(i8x16.narrowU),
};
