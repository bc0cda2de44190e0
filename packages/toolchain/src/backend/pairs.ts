import type { Binary, Expression, Load, Unary, Select } from "../wasm/tree.ts";
import { addressOf } from "./address.ts";
import { arithmetic64, multiply64 } from "./arithmetic64.ts";
import { flagsFor } from "./compare.ts";
import { pairOf as pairOfRegisters, wordsOf, type HelperName, type Pair, type RegPair, type Selection } from "./context.ts";
import { eax, edx, immediate, memory, register, type MemoryOperand, type Operand, type Reg } from "./mir.ts";
import { shift64 } from "./shift64.ts";
import { freshOf, leadingZeros, loadOf, populationCount, registerOf, trailingZeros, valueOf } from "./values.ts";

/** Evaluates an i64 to constants or registers that must not be changed. */
export function pairOf(selection: Selection, expression: Expression): Pair {
  switch (expression.kind) {
    case "i64": {
      const { low, high } = wordsOf(expression.value);
      return { low: immediate(low), high: immediate(high) };
    }
    case "local":
      return pairOfRegisters(selection.local(expression.index));
    case "global":
    case "load":
      return loaded(selection, expression);
    case "unary":
      return unary(selection, expression);
    case "binary":
      return binary(selection, expression);
    case "select":
      return select(selection, expression);
    case "i32":
    case "compare":
      throw new TypeError(`an i32 stands where ${selection.tree.name} needs an i64`);
  }
}

/** As {@link pairOf}, or memory operands when the value is two words of memory. */
export function operandsOf(selection: Selection, expression: Expression): Pair {
  if (expression.kind === "load" && expression.width === 64) return wordsAt(addressOf(selection, expression.address, expression.offset));
  if (expression.kind === "global") return wordsAt(memory(null, 0, selection.globalSymbol(expression.index)));
  return pairOf(selection, expression);
}

/** Evaluates an i64 to new registers, which the caller owns. */
export function freshPair(selection: Selection, expression: Expression): RegPair {
  const pair = operandsOf(selection, expression);
  return { low: selection.builder.load(pair.low), high: selection.builder.load(pair.high) };
}

export function wordsAt(low: MemoryOperand): { low: MemoryOperand; high: MemoryOperand } {
  return { low, high: { ...low, displacement: (low.displacement + 4) | 0 } };
}

export function asRegister(selection: Selection, operand: Operand): Reg {
  return operand.kind === "register" ? operand.reg : selection.builder.load(operand);
}

function loaded(selection: Selection, expression: Expression): Pair {
  if (expression.kind === "load" && expression.width < 64)
    return extended(selection, freshOfNarrowLoad(selection, expression), expression.signed);
  return pairOfRegisters(freshPair(selection, expression));
}

function freshOfNarrowLoad(selection: Selection, expression: Load): Reg {
  return loadOf(selection, { ...expression, type: "i32" });
}

function extended(selection: Selection, low: Reg, signed: boolean): Pair {
  if (!signed) return { low: register(low), high: immediate(0) };
  return { low: register(low), high: register(selection.builder.two("sar", register(low), immediate(31))) };
}

function unary(selection: Selection, expression: Unary): Pair {
  const { operand } = expression;
  switch (expression.operator) {
    case "extendUnsigned":
      return { low: valueOf(selection, operand), high: immediate(0) };
    case "extendSigned":
      return extended(selection, registerOf(selection, operand), true);
    case "extend8":
    case "extend16":
    case "extend32":
      return narrowExtension(selection, expression);
    case "clz":
      return { low: register(leadingZeros64(selection, pairOf(selection, operand))), high: immediate(0) };
    case "ctz":
      return { low: register(trailingZeros64(selection, pairOf(selection, operand))), high: immediate(0) };
    case "popcnt":
      return { low: register(populationCount64(selection, pairOf(selection, operand))), high: immediate(0) };
    case "eqz":
    case "wrap":
      throw new TypeError(`${expression.operator} does not give an i64`);
  }
}

function narrowExtension(selection: Selection, expression: Unary): Pair {
  const { builder } = selection;
  const low = asRegister(selection, pairOf(selection, expression.operand).low);
  if (expression.operator === "extend32") return extended(selection, low, true);
  const reg = builder.fresh();
  builder.emit("movsx", [register(reg), register(low)], { size: expression.operator === "extend8" ? 8 : 16 });
  return extended(selection, reg, true);
}

/** The high word decides unless it is 0. */
function leadingZeros64(selection: Selection, pair: Pair): Reg {
  const { builder } = selection;
  const low = leadingZeros(selection, pair.low);
  builder.emit("add", [register(low), immediate(32)]);
  const high = asRegister(selection, pair.high);
  const reg = leadingZeros(selection, register(high));
  builder.emit("test", [register(high), register(high)]);
  builder.emit("cmove", [register(reg), register(low)]);
  return reg;
}

function trailingZeros64(selection: Selection, pair: Pair): Reg {
  const { builder } = selection;
  const high = trailingZeros(selection, pair.high);
  builder.emit("add", [register(high), immediate(32)]);
  const low = asRegister(selection, pair.low);
  const reg = trailingZeros(selection, register(low));
  builder.emit("test", [register(low), register(low)]);
  builder.emit("cmove", [register(reg), register(high)]);
  return reg;
}

function populationCount64(selection: Selection, pair: Pair): Reg {
  const low = populationCount(selection, pair.low);
  const high = populationCount(selection, pair.high);
  return selection.builder.two("add", register(low), register(high));
}

function binary(selection: Selection, expression: Binary): Pair {
  switch (expression.operator) {
    case "add":
    case "sub":
    case "and":
    case "or":
    case "xor":
      return arithmetic64(selection, expression);
    case "mul":
      return multiply64(selection, expression);
    case "shl":
    case "shrSigned":
    case "shrUnsigned":
    case "rotl":
    case "rotr":
      return shift64(selection, expression, expression.operator);
    case "divUnsigned":
      return divide64(selection, expression, "divideUnsigned64");
    case "divSigned":
      return divide64(selection, expression, "divideSigned64");
    case "remUnsigned":
      return divide64(selection, expression, "remainderUnsigned64");
    case "remSigned":
      return divide64(selection, expression, "remainderSigned64");
  }
}

/** Calls a helper of two i64 parameters and an i64 result, by the calling convention. */
function divide64(selection: Selection, expression: Binary, name: HelperName): Pair {
  const { builder } = selection;
  const left = pairOf(selection, expression.left);
  const right = pairOf(selection, expression.right);
  for (const word of [left.high, left.low, right.high, right.low]) builder.push(word);
  builder.call(selection.module.helper(name), [], 16);
  return takeResult(selection);
}

/** An i64 result out of edx:eax. */
export function takeResult(selection: Selection): Pair {
  const { builder } = selection;
  const low = builder.load(register(eax));
  return { low: register(low), high: register(builder.load(register(edx))) };
}

function select(selection: Selection, expression: Select): Pair {
  const { builder } = selection;
  const whenTrue = operandsOf(selection, expression.whenTrue);
  const inPlace = (operand: Operand): Operand => (operand.kind === "immediate" ? register(builder.load(operand)) : operand);
  const [low, high] = [inPlace(whenTrue.low), inPlace(whenTrue.high)];
  const result = freshPair(selection, expression.whenFalse);
  const condition = flagsFor(selection, expression.condition);
  builder.emit(`cmov${condition}`, [register(result.low), low]);
  builder.emit(`cmov${condition}`, [register(result.high), high]);
  return pairOfRegisters(result);
}

/** The low word alone, in a register that must not be changed. */
export function lowRegister(selection: Selection, expression: Expression): Reg {
  return asRegister(selection, pairOf(selection, expression).low);
}

/** The low word alone, in a new register. */
export function freshLow(selection: Selection, expression: Expression): Reg {
  if (expression.type === "i32") return freshOf(selection, expression);
  return selection.builder.load(pairOf(selection, expression).low);
}
