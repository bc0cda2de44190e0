import type { Compare, Comparison, Expression } from "../wasm/tree.ts";
import { conditionOf, mirrored } from "./compare.ts";
import type { Pair, Selection } from "./context.ts";
import { immediate, inMemory, register, type Operand } from "./mir.ts";
import { asRegister, operandsOf } from "./pairs.ts";
import type { Condition } from "./shapes.ts";

/** Flags of `value == 0` for an i64: the condition that names it. */
export function flagsOfZero64(selection: Selection, expression: Expression): Condition {
  const value = operandsOf(selection, expression);
  if (value.high.kind === "immediate" && value.high.value === 0) {
    const low = asRegister(selection, value.low);
    selection.builder.emit("test", [register(low), register(low)]);
    return "e";
  }
  selection.builder.two("or", value.low, value.high);
  return "e";
}

export function flagsOfComparison64(selection: Selection, expression: Compare): Condition {
  if (expression.operator === "eq" || expression.operator === "ne") return equality(selection, expression);
  const short = inOneWord(selection, expression);
  if (short) return short;
  // Less and greater-or-equal come out of the borrow; the other two by exchanging the operands.
  const exchange = expression.operator.startsWith("gt") || expression.operator.startsWith("le");
  const operator = exchange ? mirrored[expression.operator] : expression.operator;
  const left = operandsOf(selection, exchange ? expression.right : expression.left);
  const right = operandsOf(selection, exchange ? expression.left : expression.right);
  subtract(selection, left, right);
  return conditionOf[operator];
}

/** Comparisons that one word decides: of a sign, or of values without high words. */
function inOneWord(selection: Selection, expression: Compare): Condition | null {
  const { left, right, operator } = expression;
  const { builder } = selection;
  if (right.kind === "i64" && right.value === 0n && (operator === "ltSigned" || operator === "geSigned")) {
    const high = asRegister(selection, operandsOf(selection, left).high);
    builder.emit("test", [register(high), register(high)]);
    return operator === "ltSigned" ? "s" : "ns";
  }
  if (!isNarrow(left) || !isNarrow(right) || left.kind === "i64") return null;
  const low = asRegister(selection, operandsOf(selection, left).low);
  builder.emit("cmp", [register(low), operandsOf(selection, right).low]);
  // Both are below 2^32, so that signed and unsigned order agree.
  return conditionOf[unsignedOf[operator]];
}

const unsignedOf: Readonly<Record<Comparison, Comparison>> = {
  eq: "eq",
  ne: "ne",
  ltSigned: "ltUnsigned",
  ltUnsigned: "ltUnsigned",
  gtSigned: "gtUnsigned",
  gtUnsigned: "gtUnsigned",
  leSigned: "leUnsigned",
  leUnsigned: "leUnsigned",
  geSigned: "geUnsigned",
  geUnsigned: "geUnsigned",
};

/** Surely below 2^32. */
function isNarrow(expression: Expression): boolean {
  if (expression.kind === "i64") return expression.value >= 0n && expression.value < 1n << 32n;
  if (expression.kind === "load") return expression.width < 64 && !expression.signed;
  return expression.kind === "unary" && expression.operator === "extendUnsigned";
}

/** CMP of the low words, then SBB of the high ones: SF, OF and CF are those of the 64-bit difference. */
function subtract(selection: Selection, left: Pair, right: Pair): void {
  const { builder } = selection;
  const high = builder.load(left.high);
  const low = left.low.kind === "immediate" || (inMemory(left.low) && inMemory(right.low)) ? register(builder.load(left.low)) : left.low;
  builder.emit("cmp", [low, right.low]);
  builder.emit("sbb", [register(high), right.high]);
}

function equality(selection: Selection, expression: Compare): Condition {
  const { builder } = selection;
  const condition = conditionOf[expression.operator];
  const left = operandsOf(selection, expression.left);
  const right = operandsOf(selection, expression.right);
  const low = difference(selection, left.low, right.low);
  const high = difference(selection, left.high, right.high);
  if (high.kind === "immediate" && high.value === 0) {
    const reg = asRegister(selection, low);
    builder.emit("test", [register(reg), register(reg)]);
    return condition;
  }
  builder.two("or", low, high);
  return condition;
}

/** Zero exactly when the words are equal. */
function difference(selection: Selection, left: Operand, right: Operand): Operand {
  const [value, other] = left.kind === "immediate" ? [right, left] : [left, right];
  if (other.kind === "immediate" && other.value === 0) return value;
  if (other.kind === "immediate" && value.kind === "immediate" && other.value === value.value) return immediate(0);
  return register(selection.builder.two("xor", value, other));
}
