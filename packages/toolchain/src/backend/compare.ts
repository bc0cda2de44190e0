import type { Compare, Comparison, Expression } from "../wasm/tree.ts";
import { constantOf, type Selection } from "./context.ts";
import { immediate, inMemory, register } from "./mir.ts";
import { flagsOfComparison64, flagsOfZero64 } from "./compare64.ts";
import { negate, type Condition } from "./shapes.ts";
import { operandOf, ordered, registerOf, valueOf } from "./values.ts";

export const conditionOf: Readonly<Record<Comparison, Condition>> = {
  eq: "e",
  ne: "ne",
  ltSigned: "l",
  ltUnsigned: "b",
  gtSigned: "g",
  gtUnsigned: "a",
  leSigned: "le",
  leUnsigned: "be",
  geSigned: "ge",
  geUnsigned: "ae",
};

/** The comparison that gives the same with its operands exchanged. */
export const mirrored: Readonly<Record<Comparison, Comparison>> = {
  eq: "eq",
  ne: "ne",
  ltSigned: "gtSigned",
  ltUnsigned: "gtUnsigned",
  gtSigned: "ltSigned",
  gtUnsigned: "ltUnsigned",
  leSigned: "geSigned",
  leUnsigned: "geUnsigned",
  geSigned: "leSigned",
  geUnsigned: "leUnsigned",
};

/**
 * Sets the flags by whether an i32 is nonzero and names the condition that then holds. The user of the condition must be the very next
 * instruction written.
 */
export function flagsFor(selection: Selection, expression: Expression): Condition {
  if (expression.kind === "compare") return comparison(selection, expression);
  if (expression.kind === "unary" && expression.operator === "eqz") {
    if (expression.operand.type === "i64") return flagsOfZero64(selection, expression.operand);
    return negate(flagsFor(selection, expression.operand));
  }
  if (expression.kind === "binary" && expression.operator === "and") {
    const [left, right] = ordered(expression);
    const first = registerOf(selection, left);
    selection.builder.emit("test", [register(first), valueOf(selection, right)]);
    return "ne";
  }
  return nonzero(selection, expression);
}

function nonzero(selection: Selection, expression: Expression): Condition {
  const { builder } = selection;
  const operand = operandOf(selection, expression);
  if (inMemory(operand)) builder.emit("cmp", [operand, immediate(0)]);
  else {
    const value = operand.kind === "register" ? operand : register(builder.load(operand));
    builder.emit("test", [value, value]);
  }
  return "ne";
}

function comparison(selection: Selection, expression: Compare): Condition {
  if (expression.left.type === "i64") return flagsOfComparison64(selection, expression);
  const exchange = constantOf(expression.left) !== null;
  const operator = exchange ? mirrored[expression.operator] : expression.operator;
  const [left, right] = exchange ? [expression.right, expression.left] : [expression.left, expression.right];
  const value = constantOf(right);
  if (value === 0 && (operator === "eq" || operator === "ne")) {
    const holds = flagsFor(selection, left);
    return operator === "ne" ? holds : negate(holds);
  }
  compareWords(selection, left, right);
  return conditionOf[operator];
}

function compareWords(selection: Selection, left: Expression, right: Expression): void {
  const { builder } = selection;
  const value = constantOf(right);
  const first = value === null ? register(registerOf(selection, left)) : operandOf(selection, left);
  if (value === 0 && first.kind === "register") builder.emit("test", [first, first]);
  else if (first.kind === "immediate") builder.emit("cmp", [register(builder.load(first)), operandOf(selection, right)]);
  else builder.emit("cmp", [first, operandOf(selection, right)]);
}
