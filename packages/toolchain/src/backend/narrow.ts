import type { BinaryOperator, Expression } from "../wasm/tree.ts";
import { wordsOf, type Selection } from "./context.ts";
import type { Reg } from "./mir.ts";
import { lowRegister } from "./pairs.ts";
import { registerOf } from "./values.ts";

/** Operators whose low result word depends on the low operand words alone. */
const lowOnly: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(["add", "sub", "mul", "and", "or", "xor"]);

/** The i32 expression for the low word of an i64 one, computed in 32 bits as far as possible; else a `wrap` of it. */
export function wrapped(expression: Expression): Expression {
  switch (expression.kind) {
    case "i64":
      return { kind: "i32", type: "i32", value: wordsOf(expression.value).low };
    case "load":
      return { ...expression, type: "i32", width: expression.width === 64 ? 32 : expression.width };
    case "unary":
      if (expression.operator === "extendSigned" || expression.operator === "extendUnsigned") return expression.operand;
      if (expression.operator === "extend32") return wrapped(expression.operand);
      if (expression.operator === "extend8" || expression.operator === "extend16")
        return { ...expression, type: "i32", operand: wrapped(expression.operand) };
      break;
    case "binary":
      if (lowOnly.has(expression.operator))
        return { ...expression, type: "i32", left: wrapped(expression.left), right: wrapped(expression.right) };
      if (expression.operator === "shl" && expression.right.kind === "i64" && (expression.right.value & 63n) < 32n) {
        return { ...expression, type: "i32", left: wrapped(expression.left), right: wrapped(expression.right) };
      }
      break;
    case "select":
      return { ...expression, type: "i32", whenTrue: wrapped(expression.whenTrue), whenFalse: wrapped(expression.whenFalse) };
    case "i32":
    case "local":
    case "global":
    case "compare":
      break;
  }
  return { kind: "unary", type: "i32", operator: "wrap", operand: expression };
}

/** The low word of an i64 in a register that must not be changed. */
export function registerOfWrapped(selection: Selection, expression: Expression): Reg {
  if (expression.kind === "local") return selection.local(expression.index).low;
  const narrow = wrapped(expression);
  if (narrow.kind === "unary" && narrow.operator === "wrap") return lowRegister(selection, narrow.operand);
  return registerOf(selection, narrow);
}
