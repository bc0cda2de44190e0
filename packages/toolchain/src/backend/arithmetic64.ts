import type { Binary, Expression } from "../wasm/tree.ts";
import type { Pair, RegPair, Selection } from "./context.ts";
import { pairOf as pairOfRegisters } from "./context.ts";
import { eax, edx, immediate, register, type Operand, type Reg } from "./mir.ts";
import { commutes } from "./steer.ts";
import { asRegister, freshPair, operandsOf, pairOf } from "./pairs.ts";

/** Mnemonics for the low and the high word. */
const words: Partial<Record<Binary["operator"], readonly [string, string]>> = {
  add: ["add", "adc"],
  sub: ["sub", "sbb"],
  and: ["and", "and"],
  or: ["or", "or"],
  xor: ["xor", "xor"],
};

/** Addition, subtraction and bitwise logic of i64. */
export function arithmetic64(selection: Selection, expression: Binary): Pair {
  const mnemonics = words[expression.operator];
  if (!mnemonics) throw new TypeError(`${expression.operator} is no word-wise operator`);
  const [left, right] = ordered64(expression);
  if (mnemonics[0] === mnemonics[1]) return logic(selection, mnemonics[0], left, right);
  const result = freshPair(selection, left);
  const other = operandsOf(selection, right);
  const { builder } = selection;
  builder.emit(mnemonics[0], [register(result.low), other.low]);
  builder.emit(mnemonics[1], [register(result.high), other.high]);
  return pairOfRegisters(result);
}

function ordered64(expression: Binary): [Expression, Expression] {
  const { left, right } = expression;
  const second = (side: Expression): boolean =>
    side.kind === "i64" || side.kind === "local" || side.kind === "global" || (side.kind === "load" && side.width === 64);
  const exchange = !expression.fixedOrder && commutes(expression.operator) && second(left) && !second(right);
  return exchange ? [right, left] : [left, right];
}

function logic(selection: Selection, mnemonic: string, left: Expression, right: Expression): Pair {
  const first = operandsOf(selection, left);
  const second = operandsOf(selection, right);
  return { low: logicWord(selection, mnemonic, first.low, second.low), high: logicWord(selection, mnemonic, first.high, second.high) };
}

/** One word; constants that decide it, or leave it as it is, cost nothing. */
function logicWord(selection: Selection, mnemonic: string, left: Operand, right: Operand): Operand {
  const [value, constant] = left.kind === "immediate" ? [right, left] : [left, right];
  if (constant.kind === "immediate") {
    const neutral = mnemonic === "and" ? -1 : 0;
    if (constant.value === neutral) return value.kind === "memory" ? register(selection.builder.load(value)) : value;
    if (mnemonic === "and" && constant.value === 0) return immediate(0);
    if (mnemonic === "or" && constant.value === -1) return immediate(-1);
  }
  return register(selection.builder.two(mnemonic, value, constant));
}

/** Low words by MUL; the two cross products only reach the high word. */
export function multiply64(selection: Selection, expression: Binary): Pair {
  const { builder } = selection;
  const left = pairOf(selection, expression.left);
  const right = pairOf(selection, expression.right);
  const cross = [product(selection, left.low, right.high), product(selection, left.high, right.low)];
  const [factor, other] = left.low.kind === "immediate" ? [right.low, left.low] : [left.low, right.low];
  const otherRegister = asRegister(selection, other);
  builder.move(eax, factor);
  builder.emit("mul1", [register(otherRegister)]);
  const result: RegPair = { low: builder.load(register(eax)), high: builder.load(register(edx)) };
  for (const term of cross) if (term !== null) builder.emit("add", [register(result.high), register(term)]);
  return pairOfRegisters(result);
}

/** Low word of a product; null when it is surely 0. */
function product(selection: Selection, left: Operand, right: Operand): Reg | null {
  const { builder } = selection;
  const [value, factor] = left.kind === "immediate" ? [right, left] : [left, right];
  if (factor.kind !== "immediate") return builder.two("imul", value, factor);
  if (factor.value === 0) return null;
  if (factor.value === 1) return asRegister(selection, value);
  const reg = builder.fresh();
  builder.emit("imul3", [register(reg), register(asRegister(selection, value)), factor]);
  return reg;
}
