import type { Bytes } from "./bytes.ts";
import { F64, f64, control, i32, i64, I32, I64, load, type V128, type ValueType } from "./opcodes.ts";

/**
 * A WebAssembly value that is computed where it is used. Using one twice computes it twice: name it with
 * `FunctionBuilder.let` when it is dear, reads memory, or has an effect.
 */
export interface Expression<T extends ValueType> {
  readonly type: T;
  /** The value, when it is known while code is made; 32-bit values as signed numbers. */
  readonly constant?: number;
  emit(code: Bytes): void;
}
export type Int = Expression<typeof I32>;
export type Long = Expression<typeof I64>;
export type Vector = Expression<typeof V128>;

/** A 32-bit constant (taken modulo 2^32). */
export function int(value: number): Int {
  const constant = value | 0;
  return {
    type: I32,
    constant,
    emit(code: Bytes): void {
      code.byte(control.i32Const);
      code.signed(constant);
    },
  };
}

/** A 64-bit constant (taken modulo 2^64). */
export function long(value: bigint): Long {
  return {
    type: I64,
    emit(code: Bytes): void {
      code.byte(control.i64Const);
      code.signed64(value);
    },
  };
}

/** The value of a local or parameter. */
export function local<T extends ValueType>(type: T, index: number): Expression<T> {
  return {
    type,
    emit(code: Bytes): void {
      code.byte(control.localGet);
      code.unsigned(index);
    },
  };
}

/** An instruction of any type. */
export function apply<T extends ValueType>(type: T, opcode: number, ...operands: Expression<ValueType>[]): Expression<T> {
  return {
    type,
    emit(code: Bytes): void {
      for (const operand of operands) operand.emit(code);
      code.byte(opcode);
    },
  };
}

/** A load; `offset` is an unsigned constant added to the address without wrapping. */
function loadFrom<T extends ValueType>(type: T, opcode: number, address: Int, offset: number): Expression<T> {
  return {
    type,
    emit(code: Bytes): void {
      address.emit(code);
      code.byte(opcode);
      // Alignment hint 0: guest addresses have none, and engines ignore it (WebAssembly Core 4.4.7).
      code.unsigned(0);
      code.unsigned(offset);
    },
  };
}

export const loadInt = (address: Int, offset = 0): Int => loadFrom(I32, load.i32, address, offset);
export const loadWord = (address: Int, offset = 0): Int => loadFrom(I32, load.i32From16, address, offset);
export const loadByte = (address: Int, offset = 0): Int => loadFrom(I32, load.i32From8, address, offset);
export const loadLong = (address: Int, offset = 0): Long => loadFrom(I64, load.i64, address, offset);

type Fold = (a: number, b: number) => number;

function binary(opcode: number, fold: Fold): (a: Int, b: Int) => Int {
  return (a, b) => {
    if (a.constant !== undefined && b.constant !== undefined) return int(fold(a.constant, b.constant));
    return apply(I32, opcode, a, b);
  };
}

/** As `binary`, for operations with right identity 0. */
function additive(opcode: number, fold: Fold): (a: Int, b: Int) => Int {
  const general = binary(opcode, fold);
  return (a, b) => (b.constant === 0 ? a : general(a, b));
}

export const add: (a: Int, b: Int) => Int = additive(i32.add, (a, b) => a + b);
export const sub: (a: Int, b: Int) => Int = additive(i32.sub, (a, b) => a - b);
export const or: (a: Int, b: Int) => Int = additive(i32.or, (a, b) => a | b);
export const xor: (a: Int, b: Int) => Int = additive(i32.xor, (a, b) => a ^ b);
export const shl: (a: Int, b: Int) => Int = additive(i32.shl, (a, b) => a << b);
export const shrU: (a: Int, b: Int) => Int = additive(i32.shrU, (a, b) => a >>> b);
export const shrS: (a: Int, b: Int) => Int = additive(i32.shrS, (a, b) => a >> b);
export const and: (a: Int, b: Int) => Int = binary(i32.and, (a, b) => a & b);
export const mul: (a: Int, b: Int) => Int = binary(i32.mul, Math.imul);
export const rotl = (a: Int, b: Int): Int => apply(I32, i32.rotl, a, b);
export const rotr = (a: Int, b: Int): Int => apply(I32, i32.rotr, a, b);
export const eq: (a: Int, b: Int) => Int = binary(i32.eq, (a, b) => Number(a === b));
export const ne: (a: Int, b: Int) => Int = binary(i32.ne, (a, b) => Number(a !== b));
export const ltU: (a: Int, b: Int) => Int = binary(i32.ltU, (a, b) => Number(a >>> 0 < b >>> 0));
export const gtU: (a: Int, b: Int) => Int = binary(i32.gtU, (a, b) => Number(a >>> 0 > b >>> 0));
export const leU: (a: Int, b: Int) => Int = binary(i32.leU, (a, b) => Number(a >>> 0 <= b >>> 0));
export const geU: (a: Int, b: Int) => Int = binary(i32.geU, (a, b) => Number(a >>> 0 >= b >>> 0));
export const ltS: (a: Int, b: Int) => Int = binary(i32.ltS, (a, b) => Number(a < b));
export const gtS: (a: Int, b: Int) => Int = binary(i32.gtS, (a, b) => Number(a > b));
export const isZero = (a: Int): Int => apply(I32, i32.eqz, a);
export const countLeadingZeros = (a: Int): Int => apply(I32, i32.clz, a);
export const countTrailingZeros = (a: Int): Int => apply(I32, i32.ctz, a);
export const populationCount = (a: Int): Int => apply(I32, i32.popcnt, a);
export const signExtend8 = (a: Int): Int => apply(I32, i32.extend8S, a);
export const signExtend16 = (a: Int): Int => apply(I32, i32.extend16S, a);
export const not = (a: Int): Int => xor(a, int(-1));

/** `condition` is not 0: `then`, else `otherwise`; both are computed. */
export function select<T extends ValueType>(condition: Int, then: Expression<T>, otherwise: Expression<T>): Expression<T> {
  return apply(then.type, control.select, then, otherwise, condition);
}

export const extendSigned = (a: Int): Long => apply(I64, i64.extendI32S, a);
export const extendUnsigned = (a: Int): Long => apply(I64, i64.extendI32U, a);
export const wrap = (a: Long): Int => apply(I32, i32.wrapI64, a);

/** 64-bit operations; comparisons give a 32-bit 0 or 1. */
export const long64 = {
  add: (a: Long, b: Long): Long => apply(I64, i64.add, a, b),
  sub: (a: Long, b: Long): Long => apply(I64, i64.sub, a, b),
  mul: (a: Long, b: Long): Long => apply(I64, i64.mul, a, b),
  or: (a: Long, b: Long): Long => apply(I64, i64.or, a, b),
  and: (a: Long, b: Long): Long => apply(I64, i64.and, a, b),
  xor: (a: Long, b: Long): Long => apply(I64, i64.xor, a, b),
  shl: (a: Long, b: Long): Long => apply(I64, i64.shl, a, b),
  shrU: (a: Long, b: Long): Long => apply(I64, i64.shrU, a, b),
  shrS: (a: Long, b: Long): Long => apply(I64, i64.shrS, a, b),
  rotl: (a: Long, b: Long): Long => apply(I64, i64.rotl, a, b),
  divU: (a: Long, b: Long): Long => apply(I64, i64.divU, a, b),
  remU: (a: Long, b: Long): Long => apply(I64, i64.remU, a, b),
  divS: (a: Long, b: Long): Long => apply(I64, i64.divS, a, b),
  remS: (a: Long, b: Long): Long => apply(I64, i64.remS, a, b),
  eq: (a: Long, b: Long): Int => apply(I32, i64.eq, a, b),
  ne: (a: Long, b: Long): Int => apply(I32, i64.ne, a, b),
  geU: (a: Long, b: Long): Int => apply(I32, i64.geU, a, b),
  ltU: (a: Long, b: Long): Int => apply(I32, i64.ltU, a, b),
  gtU: (a: Long, b: Long): Int => apply(I32, i64.gtU, a, b),
  ltS: (a: Long, b: Long): Int => apply(I32, i64.ltS, a, b),
  countLeadingZeros: (a: Long): Long => apply(I64, i64.clz, a),
  isZero: (a: Long): Int => apply(I32, i64.eqz, a),
} as const;

/** The square root of an unsigned 64-bit integer by way of a double: at most 1 off the whole number below the true one. */
export const nearlyRoot = (a: Long): Long => apply(I64, f64.toI64U, apply(F64, f64.sqrt, apply(F64, f64.fromI64U, a)));

/** i32 divisions; they trap on a zero divisor, so test first. */
export const divU = (a: Int, b: Int): Int => apply(I32, i32.divU, a, b);
export const remU = (a: Int, b: Int): Int => apply(I32, i32.remU, a, b);
export const divS = (a: Int, b: Int): Int => apply(I32, i32.divS, a, b);
export const remS = (a: Int, b: Int): Int => apply(I32, i32.remS, a, b);

/** The result of a direct call of function `index`. */
export function call<T extends ValueType>(type: T, index: number, operands: readonly Expression<ValueType>[]): Expression<T> {
  return {
    type,
    emit(code: Bytes): void {
      for (const operand of operands) operand.emit(code);
      code.byte(control.call);
      code.unsigned(index);
    },
  };
}
