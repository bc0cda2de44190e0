import type { Binary } from "../wasm/tree.ts";
import { constantOf, type Selection } from "./context.ts";
import { eax, edx, immediate, register, type Operand, type Reg } from "./mir.ts";
import { freshOf, lightOperandOf, operandOf, registerOf } from "./values.ts";

/** 32-bit division and remainder; #DE stands for wasm's traps. */
export function divide(selection: Selection, expression: Binary): Reg {
  const { operator } = expression;
  const signed = operator === "divSigned" || operator === "remSigned";
  const divisor = constantOf(expression.right);
  const power = divisor !== null && divisor > 0 && (divisor & (divisor - 1)) === 0 ? 31 - Math.clz32(divisor) : null;
  if (power !== null && !signed) return byPowerOfTwo(selection, expression, power);
  const right = divisor === null ? lightOperandOf(selection, expression.right) : register(selection.builder.constant(divisor));
  if (operator === "remSigned" && (divisor === null || divisor === -1)) return guardedRemainder(selection, expression, right);
  const left = operandOf(selection, expression.left);
  divideBy(selection, left, right, signed);
  return selection.builder.load(register(operator.startsWith("div") ? eax : edx));
}

function byPowerOfTwo(selection: Selection, expression: Binary, power: number): Reg {
  const value = freshOf(selection, expression.left);
  const quotient = expression.operator === "divUnsigned";
  selection.builder.emit(quotient ? "shr" : "and", [register(value), immediate(quotient ? power : 2 ** power - 1)]);
  return value;
}

function divideBy(selection: Selection, left: Operand, right: Operand, signed: boolean): void {
  const { builder } = selection;
  builder.move(eax, left);
  if (signed) builder.emit("cdq");
  else builder.move(edx, immediate(0));
  builder.emit(signed ? "idiv" : "div", [right]);
}

/** wasm's -2^31 % -1 is 0, where IDIV raises #DE (SDM 2A IDIV): a divisor of -1 always leaves 0. */
function guardedRemainder(selection: Selection, expression: Binary, right: Operand): Reg {
  const { builder } = selection;
  const left = registerOf(selection, expression.left);
  const divisor = right.kind === "register" ? right : register(builder.load(right));
  const result = builder.constant(0);
  const done = builder.newLabel();
  builder.emit("cmp", [divisor, immediate(-1)]);
  builder.jumpIf("e", done);
  divideBy(selection, register(left), divisor, true);
  builder.move(result, register(edx));
  builder.label(done);
  return result;
}
