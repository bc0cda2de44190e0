import type { Bytes } from "./bytes.ts";
import type { Expression, Int, Long, Vector } from "./expression.ts";
import { control, I32, I64, V128, type ValueType } from "./opcodes.ts";
import { v128 } from "./simd.ts";

/** Operations of 128-bit vectors; `simd.ts` has the instruction codes. */
function vector<T extends ValueType>(
  type: T,
  opcode: number,
  operands: readonly Expression<ValueType>[],
  immediates: readonly number[] = [],
): Expression<T> {
  return {
    type,
    emit(code: Bytes): void {
      for (const operand of operands) operand.emit(code);
      code.byte(control.simd);
      code.unsigned(opcode);
      for (const immediate of immediates) code.byte(immediate);
    },
  };
}

function memory(opcode: number, address: Int, offset: number): Vector {
  return {
    type: V128,
    emit(code: Bytes): void {
      address.emit(code);
      code.byte(control.simd);
      code.unsigned(opcode);
      code.unsigned(0);
      code.unsigned(offset);
    },
  };
}

export const loadVector = (address: Int, offset = 0): Vector => memory(v128.load, address, offset);
/** The low 4 or 8 bytes; zeros above. */
export const loadLow = (address: Int, size: 4 | 8, offset = 0): Vector =>
  memory(size === 4 ? v128.load32Zero : v128.load64Zero, address, offset);

const laneLoads = { 2: v128.load16Lane, 4: v128.load32Lane, 8: v128.load64Lane } as const;

/** `into` with one lane of `size` bytes out of memory. */
export function loadLane(address: Int, size: 2 | 4 | 8, lane: number, into: Vector, offset = 0): Vector {
  return {
    type: V128,
    emit(code: Bytes): void {
      address.emit(code);
      into.emit(code);
      code.byte(control.simd);
      code.unsigned(laneLoads[size]);
      code.unsigned(0);
      code.unsigned(offset);
      code.byte(lane);
    },
  };
}

export const unary = (opcode: number, a: Vector): Vector => vector(V128, opcode, [a]);
export const binary = (opcode: number, a: Vector, b: Vector): Vector => vector(V128, opcode, [a, b]);
/** Shift of all lanes; the count is taken modulo the lane's bits. */
export const shift = (opcode: number, a: Vector, count: Int): Vector => vector(V128, opcode, [a, count]);
/** Any question with an integer for an answer: bit masks, whether any or all lanes are true. */
export const ask = (opcode: number, a: Vector): Int => vector(I32, opcode, [a]);
export const splat = (opcode: number, value: Int | Long): Vector => vector(V128, opcode, [value]);
export const extractInt = (a: Vector, lane: number): Int => vector(I32, v128.extractInt, [a], [lane]);
export const extractLong = (a: Vector, lane: number): Long => vector(I64, v128.extractLong, [a], [lane]);
export const replaceInt = (a: Vector, lane: number, value: Int): Vector => vector(V128, v128.replaceInt, [a, value], [lane]);
/** Bytes of `a` (0 to 15) and `b` (16 to 31) by number. */
export const shuffle = (a: Vector, b: Vector, lanes: readonly number[]): Vector => vector(V128, v128.shuffle, [a, b], lanes);
/** Bytes of `a` by the numbers in `lanes`; 0 where a number is above 15. */
export const swizzle = (a: Vector, lanes: Vector): Vector => vector(V128, v128.swizzle, [a, lanes]);
/** 16 bytes, the lowest first. */
export const constant = (bytes: readonly number[]): Vector => vector(V128, v128.const, [], bytes);
export const zero: Vector = constant(Array.from({ length: 16 }, () => 0));
