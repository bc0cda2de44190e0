import type { Binary, BinaryOperator, Expression } from "../wasm/tree.ts";

const commutative: ReadonlySet<BinaryOperator> = new Set<BinaryOperator>(["add", "mul", "and", "or", "xor"]);

export function commutes(operator: BinaryOperator): boolean {
  return commutative.has(operator);
}

/**
 * Turns a value that is assigned to a local so that its first operand is the local's old value, where the operators commute: two-address
 * instructions then work in the local's own register (`x = y * z + x` becomes `x += y * z`).
 */
export function steer(expression: Expression, local: number): Expression {
  if (expression.kind !== "binary") return expression;
  const { left, right } = expression;
  if (leads(left, local)) return fixed(expression, left, right, local);
  return commutes(expression.operator) && leads(right, local) ? fixed(expression, right, left, local) : expression;
}

function fixed(expression: Binary, left: Expression, right: Expression, local: number): Binary {
  return { ...expression, left: steer(left, local), right, fixedOrder: true };
}

/** Whether the first operand of all can be the local. */
function leads(expression: Expression, local: number): boolean {
  if (expression.kind === "local") return expression.index === local;
  if (expression.kind !== "binary") return false;
  return leads(expression.left, local) || (commutes(expression.operator) && leads(expression.right, local));
}
