import type { Expression } from "../wasm/tree.ts";
import { constantOf, type Selection } from "./context.ts";
import { memory, type MemoryOperand } from "./mir.ts";
import { registerOf } from "./values.ts";

interface Split {
  readonly core: Expression;
  readonly displacement: number;
}

interface Scaled {
  readonly term: Expression;
  readonly scale: 1 | 2 | 4 | 8;
  readonly displacement: number;
}

/** Takes constants off a sum. Addresses wrap at 4 GiB, in wasm's i32 as in the processor, so they fold freely. */
function takeConstants(expression: Expression): Split {
  let core = expression;
  let displacement = 0;
  while (core.kind === "binary" && (core.operator === "add" || core.operator === "sub")) {
    const right = constantOf(core.right);
    const left = core.operator === "add" ? constantOf(core.left) : null;
    if (right !== null) [core, displacement] = [core.left, core.operator === "add" ? displacement + right : displacement - right];
    else if (left !== null) [core, displacement] = [core.right, displacement + left];
    else break;
  }
  return { core, displacement: displacement | 0 };
}

/** A term as an index: `(x + c) << k` is x scaled by 2^k, plus c shifted. */
function scaledTerm(expression: Expression): Scaled {
  const count = expression.kind === "binary" && expression.operator === "shl" ? constantOf(expression.right) : null;
  if (expression.kind !== "binary" || count === null || count < 1 || count > 3) return { term: expression, scale: 1, displacement: 0 };
  const { core, displacement } = takeConstants(expression.left);
  const scale = count === 1 ? 2 : count === 2 ? 4 : 8;
  return { term: core, scale, displacement: Math.imul(displacement, scale) };
}

/** A memory operand for a linear address plus a constant: base + index * scale + displacement as far as the sum allows. */
export function addressOf(selection: Selection, address: Expression, offset: number): MemoryOperand {
  const whole = takeConstants(address);
  const displacement = (whole.displacement + offset) | 0;
  const { core } = whole;
  if (core.kind === "i32") return memory(null, (core.value + displacement) | 0);
  if (core.kind === "binary" && core.operator === "add")
    return sum(selection, takeConstants(core.left), takeConstants(core.right), displacement);
  const only = scaledTerm(core);
  if (only.scale === 1) return memory(registerOf(selection, core), displacement);
  const index = registerOf(selection, only.term);
  // Twice a register is shorter as a sum: an index without a base takes a 32-bit displacement (SDM 2A table 2-3).
  if (only.scale === 2) return { ...memory(index, displacement + only.displacement), index };
  return { ...memory(null, displacement + only.displacement), index, scale: only.scale };
}

function sum(selection: Selection, left: Split, right: Split, displacement: number): MemoryOperand {
  const first = scaledTerm(left.core);
  const second = scaledTerm(right.core);
  const [base, index] = first.scale > 1 && second.scale === 1 ? [right.core, first] : [left.core, second];
  const total = displacement + left.displacement + right.displacement + index.displacement;
  const baseRegister = registerOf(selection, base);
  return { ...memory(baseRegister, total), index: registerOf(selection, index.term), scale: index.scale };
}

/** Whether one LEA computes what would take two instructions or more: a scaled term, or two registers and a constant. */
export function isCompoundAddress(expression: Expression): boolean {
  const { core, displacement } = takeConstants(expression);
  if (core.kind !== "binary") return false;
  if (core.operator !== "add") return scaledTerm(core).scale > 1 && displacement !== 0;
  const scaled = [core.left, core.right].some((term) => scaledTerm(takeConstants(term).core).scale > 1);
  return scaled || displacement !== 0 || takeConstants(core.left).displacement !== 0 || takeConstants(core.right).displacement !== 0;
}
