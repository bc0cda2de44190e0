import type { Binary, Expression, Load, Select, Unary } from "../wasm/tree.ts";
import { addressOf, isCompoundAddress } from "./address.ts";
import { flagsFor } from "./compare.ts";
import { constantOf, type Selection } from "./context.ts";
import { divide } from "./divide.ts";
import { ecx, immediate, memory, register, type Operand, type Reg } from "./mir.ts";
import { freshLow } from "./pairs.ts";
import { registerOfWrapped, wrapped } from "./narrow.ts";
import { commutes } from "./steer.ts";

/** Evaluates an i32 to a constant or a register that must not be changed (it may be a local's own). */
export function valueOf(selection: Selection, expression: Expression): Operand {
  const constant = constantOf(expression);
  return constant === null ? register(registerOf(selection, expression)) : immediate(constant);
}

/** As {@link valueOf}, or a memory operand when the value is a whole word of memory. */
export function operandOf(selection: Selection, expression: Expression): Operand {
  if (expression.kind === "load" && expression.width === 32) return addressOf(selection, expression.address, expression.offset);
  if (expression.kind === "global") return memory(null, 0, selection.module.globalSymbols[expression.index] ?? null);
  return valueOf(selection, expression);
}

/**
 * As {@link operandOf}, with at most one register in the address: for operands that are read while two of the three scratch registers are
 * bound, when a spilled register can be reloaded into the third only.
 */
export function lightOperandOf(selection: Selection, expression: Expression): Operand {
  const operand = operandOf(selection, expression);
  const heavy = operand.kind === "memory" && operand.base !== null && operand.index !== null;
  return heavy ? register(selection.builder.load(operand)) : operand;
}

/** Evaluates an i32 to a register that must not be changed. */
export function registerOf(selection: Selection, expression: Expression): Reg {
  if (expression.kind === "local") return selection.local(expression.index).low;
  if (expression.kind === "unary" && expression.operator === "wrap") return registerOfWrapped(selection, expression.operand);
  return freshOf(selection, expression);
}

/** Evaluates an i32 to a new register, which the caller owns. */
export function freshOf(selection: Selection, expression: Expression): Reg {
  const { builder } = selection;
  switch (expression.kind) {
    case "i32":
      return builder.constant(expression.value);
    case "local":
      return builder.load(register(selection.local(expression.index).low));
    case "global":
      return builder.load(operandOf(selection, expression));
    case "load":
      return loadOf(selection, expression);
    case "unary":
      return unary(selection, expression);
    case "binary":
      return binary(selection, expression);
    case "select":
      return select(selection, expression);
    case "compare":
      return truth(selection, expression);
    case "i64":
      throw new TypeError(`an i64 constant stands where ${selection.tree.name} needs an i32`);
  }
}

export function loadOf(selection: Selection, load: Load): Reg {
  const { builder } = selection;
  const address = addressOf(selection, load.address, load.offset);
  if (load.width === 32 || load.width === 64) return builder.load(address);
  const reg = builder.fresh();
  builder.emit(load.signed ? "movsx" : "movzx", [register(reg), address], { size: load.width });
  return reg;
}

/** 0 or 1 by a condition. */
function truth(selection: Selection, expression: Expression): Reg {
  const { builder } = selection;
  const condition = flagsFor(selection, expression);
  const reg = builder.fresh();
  builder.emit(`set${condition}`, [register(reg)], { size: 8 });
  const wide = builder.fresh();
  builder.emit("movzx", [register(wide), register(reg)], { size: 8 });
  return wide;
}

function unary(selection: Selection, expression: Unary): Reg {
  switch (expression.operator) {
    case "eqz":
      return truth(selection, expression);
    case "wrap":
      return freshWrapped(selection, expression.operand);
    case "extend8":
    case "extend16":
      return extend(selection, expression);
    case "clz":
      return leadingZeros(selection, operandOf(selection, expression.operand));
    case "ctz":
      return trailingZeros(selection, operandOf(selection, expression.operand));
    case "popcnt":
      return populationCount(selection, valueOf(selection, expression.operand));
    case "extend32":
    case "extendSigned":
    case "extendUnsigned":
      throw new TypeError(`${expression.operator} does not give an i32`);
  }
}

function freshWrapped(selection: Selection, operand: Expression): Reg {
  const narrow = wrapped(operand);
  return narrow.kind === "unary" && narrow.operator === "wrap" ? freshLow(selection, narrow.operand) : freshOf(selection, narrow);
}

function extend(selection: Selection, expression: Unary): Reg {
  const { builder } = selection;
  const reg = builder.fresh();
  const source = register(registerOf(selection, expression.operand));
  builder.emit("movsx", [register(reg), source], { size: expression.operator === "extend8" ? 8 : 16 });
  return reg;
}

function inRegisterOrMemory(selection: Selection, operand: Operand): Operand {
  return operand.kind === "immediate" ? register(selection.builder.load(operand)) : operand;
}

/** BSR leaves its target undefined for 0 and sets ZF (SDM 2A BSR); 63 ^ 31 is the 32 that wasm wants. */
export function leadingZeros(selection: Selection, operand: Operand): Reg {
  const { builder } = selection;
  const source = inRegisterOrMemory(selection, operand);
  const none = builder.constant(63);
  const reg = builder.fresh();
  builder.emit("bsr", [register(reg), source]);
  builder.emit("cmove", [register(reg), register(none)]);
  builder.emit("xor", [register(reg), immediate(31)]);
  return reg;
}

export function trailingZeros(selection: Selection, operand: Operand): Reg {
  const { builder } = selection;
  const source = inRegisterOrMemory(selection, operand);
  const none = builder.constant(32);
  const reg = builder.fresh();
  builder.emit("bsf", [register(reg), source]);
  builder.emit("cmove", [register(reg), register(none)]);
  return reg;
}

/** Sums neighbouring fields of 1, 2 and 4 bits, then the bytes by a product; i686 has no POPCNT. */
export function populationCount(selection: Selection, operand: Operand): Reg {
  const { builder } = selection;
  const masked = (value: Reg, shift: number, mask: number): Reg => {
    const shifted = builder.two("shr", register(value), immediate(shift));
    return builder.two("and", register(shifted), immediate(mask));
  };
  const source = builder.load(operand);
  const pairs = builder.two("sub", register(source), register(masked(source, 1, 0x55555555)));
  const low = builder.two("and", register(pairs), immediate(0x33333333));
  const nibbles = builder.two("add", register(low), register(masked(pairs, 2, 0x33333333)));
  const high = builder.two("shr", register(nibbles), immediate(4));
  const sums = builder.two("add", register(high), register(nibbles));
  const bytes = builder.two("and", register(sums), immediate(0x0f0f0f0f));
  const product = builder.fresh();
  builder.emit("imul3", [register(product), register(bytes), immediate(0x01010101)]);
  return builder.two("shr", register(product), immediate(24));
}

const simple = { add: "add", sub: "sub", and: "and", or: "or", xor: "xor" } as const;
const shifts = { shl: "shl", shrSigned: "sar", shrUnsigned: "shr", rotl: "rol", rotr: "ror" } as const;

function binary(selection: Selection, expression: Binary): Reg {
  const { operator } = expression;
  switch (operator) {
    case "add":
    case "sub":
    case "and":
    case "or":
    case "xor":
      return arithmetic(selection, expression, simple[operator]);
    case "mul":
      return multiply(selection, expression);
    case "shl":
    case "shrSigned":
    case "shrUnsigned":
    case "rotl":
    case "rotr":
      return shift(selection, expression, shifts[operator]);
    case "divSigned":
    case "divUnsigned":
    case "remSigned":
    case "remUnsigned":
      return divide(selection, expression);
  }
}

function arithmetic(selection: Selection, expression: Binary, mnemonic: string): Reg {
  const { builder } = selection;
  const narrow = mnemonic === "and" ? zeroExtended(selection, expression) : null;
  if (narrow !== null) return narrow;
  const displaced = mnemonic === "sub" && constantOf(expression.right) !== null;
  if ((mnemonic === "add" || displaced) && isCompoundAddress(expression)) {
    const sum = builder.fresh();
    builder.emit("lea", [register(sum), addressOf(selection, expression, 0)]);
    return sum;
  }
  const [left, right] = ordered(expression);
  const reg = freshOf(selection, left);
  if (mnemonic === "xor" && constantOf(right) === -1) builder.emit("not", [register(reg)]);
  else builder.emit(mnemonic, [register(reg), operandOf(selection, right)]);
  return reg;
}

/** `x & 255` and `x & 65535`. */
function zeroExtended(selection: Selection, expression: Binary): Reg | null {
  const mask = constantOf(expression.right);
  if (mask !== 255 && mask !== 65535) return null;
  const { builder } = selection;
  const source = registerOf(selection, expression.left);
  const reg = builder.fresh();
  builder.emit("movzx", [register(reg), register(source)], { size: mask === 255 ? 8 : 16 });
  return reg;
}

/** Operands with the one to be kept in memory or as a constant second, where order does not matter. */
export function ordered(expression: Binary): [Expression, Expression] {
  const { left, right } = expression;
  if (expression.fixedOrder || !commutes(expression.operator)) return [left, right];
  const second = (side: Expression): boolean =>
    side.kind === "i32" || side.kind === "local" || side.kind === "global" || (side.kind === "load" && side.width === 32);
  return second(left) && !second(right) ? [right, left] : [left, right];
}

function multiply(selection: Selection, expression: Binary): Reg {
  const { builder } = selection;
  const [left, right] = ordered(expression);
  const factor = constantOf(right) ?? constantOf(left);
  const other = constantOf(right) !== null ? left : right;
  if (factor !== null) return multiplyBy(selection, other, factor);
  const reg = freshOf(selection, left);
  builder.emit("imul", [register(reg), operandOf(selection, right)]);
  return reg;
}

function multiplyBy(selection: Selection, expression: Expression, factor: number): Reg {
  const { builder } = selection;
  const reg = builder.fresh();
  if (factor === 3 || factor === 5 || factor === 9) {
    const base = registerOf(selection, expression);
    const scale = factor === 3 ? 2 : factor === 5 ? 4 : 8;
    builder.emit("lea", [register(reg), { ...memory(base), index: base, scale }]);
    return reg;
  }
  if (factor > 0 && (factor & (factor - 1)) === 0) {
    const value = freshOf(selection, expression);
    builder.emit("shl", [register(value), immediate(31 - Math.clz32(factor))]);
    return value;
  }
  builder.emit("imul3", [register(reg), inRegisterOrMemory(selection, operandOf(selection, expression)), immediate(factor)]);
  return reg;
}

/** The processor takes counts modulo 32, as wasm does (SDM 2B SAL/SAR/SHL/SHR). */
function shift(selection: Selection, expression: Binary, mnemonic: string): Reg {
  const { builder } = selection;
  const count = constantOf(expression.right);
  const variable = count === null ? valueOf(selection, expression.right) : null;
  const reg = freshOf(selection, expression.left);
  if (variable) builder.move(ecx, variable);
  builder.emit(mnemonic, [register(reg), variable ? register(ecx) : immediate((count ?? 0) & 31)]);
  return reg;
}

function select(selection: Selection, expression: Select): Reg {
  const { builder } = selection;
  const whenTrue = inRegisterOrMemory(selection, operandOf(selection, expression.whenTrue));
  const reg = freshOf(selection, expression.whenFalse);
  const condition = flagsFor(selection, expression.condition);
  builder.emit(`cmov${condition}`, [register(reg), whenTrue]);
  return reg;
}
