import { canSwap, effectsOf, effectsOfStatement } from "../backend/reorder.ts";
import type { ValueType } from "./module.ts";
import type { Expression, Statement } from "./tree.ts";

/**
 * The operand stack of a body under construction, and the statements written so far. Operands are still trees: each may yet move past
 * statements that it can swap with, and is settled, that is, evaluated into a temporary, before one that it cannot.
 */
export class OperandStack {
  /** Types of all locals; temporaries are added behind the function's own. */
  readonly locals: ValueType[];
  statements: Statement[] = [];
  /** Operands below belong to the code around the innermost block: settled before it, on every path that leaves it. */
  floor = 0;
  private readonly pending: Expression[] = [];

  constructor(locals: readonly ValueType[]) {
    this.locals = [...locals];
  }

  get height(): number {
    return this.pending.length;
  }

  get top(): Expression | null {
    return this.pending[this.pending.length - 1] ?? null;
  }

  temporary(type: ValueType): number {
    return this.locals.push(type) - 1;
  }

  push(expression: Expression): void {
    this.pending.push(expression);
  }

  pop(): Expression | undefined {
    return this.pending.pop();
  }

  /** Forgets the operands above a height. */
  cut(height: number): void {
    this.pending.length = height;
  }

  /** Writes a statement, after the operands that may not move past it. */
  emit(statement: Statement): void {
    const effects = effectsOfStatement(statement);
    for (let position = this.floor; position < this.pending.length; position++) {
      const operand = this.pending[position];
      if (operand && !canSwap(effectsOf(operand), effects)) this.settle(position, statement.at);
    }
    this.statements.push(statement);
  }

  /** Settles every operand of the innermost block. */
  settleAll(at: number): void {
    for (let position = this.floor; position < this.pending.length; position++) this.settle(position, at);
  }

  private settle(position: number, at: number): void {
    const value = this.pending[position];
    if (!value || value.kind === "i32" || value.kind === "i64") return;
    const local = this.temporary(value.type);
    this.statements.push({ kind: "set", at, local, value });
    this.pending[position] = { kind: "local", type: value.type, index: local };
  }
}
