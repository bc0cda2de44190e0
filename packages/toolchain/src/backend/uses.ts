import type { Expression, FunctionTree, Label, Statement } from "../wasm/tree.ts";

/** How often a function reads each local, and which labels it branches to. */
export interface Uses {
  readonly reads: ReadonlyMap<number, number>;
  readonly targets: ReadonlySet<Label>;
}

export function usesOfTree(tree: FunctionTree): Uses {
  const counter = new Counter();
  counter.statements(tree.body);
  return counter;
}

class Counter implements Uses {
  readonly reads = new Map<number, number>();
  readonly targets = new Set<Label>();

  statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.statement(statement);
  }

  private statement(statement: Statement): void {
    switch (statement.kind) {
      case "set":
      case "setGlobal":
      case "evaluate":
        return this.expressions(statement.value);
      case "store":
        return this.expressions(statement.address, statement.value);
      case "call":
        return this.expressions(...statement.arguments, ...(statement.target.kind === "indirect" ? [statement.target.slot] : []));
      case "copy":
        return this.expressions(statement.destination, statement.source, statement.length);
      case "fill":
        return this.expressions(statement.destination, statement.value, statement.length);
      case "block":
      case "loop":
        return this.statements(statement.body);
      case "if":
        this.expressions(statement.condition);
        this.statements(statement.whenTrue);
        return this.statements(statement.whenFalse);
      case "branch":
        this.targets.add(statement.label);
        return;
      case "branchIf":
        this.targets.add(statement.label);
        return this.expressions(statement.condition);
      case "switch":
        for (const label of [...statement.labels, statement.fallback]) this.targets.add(label);
        return this.expressions(statement.index);
      case "return":
        if (statement.value) this.expressions(statement.value);
        return;
      case "unreachable":
        return;
    }
  }

  private expressions(...expressions: readonly Expression[]): void {
    for (const expression of expressions) {
      if (expression.kind === "local") this.reads.set(expression.index, (this.reads.get(expression.index) ?? 0) + 1);
      else this.expressions(...operandsOfExpression(expression));
    }
  }
}

/** Direct operands of an expression. */
export function operandsOfExpression(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "i32":
    case "i64":
    case "local":
    case "global":
      return [];
    case "load":
      return [expression.address];
    case "unary":
      return [expression.operand];
    case "binary":
    case "compare":
      return [expression.left, expression.right];
    case "select":
      return [expression.whenTrue, expression.whenFalse, expression.condition];
  }
}

/** Whether two expressions surely have the same value when nothing happens between them. */
export function sameExpression(a: Expression, b: Expression): boolean {
  if (a.kind !== b.kind || a.type !== b.type || shallow(a) !== shallow(b)) return false;
  const left = operandsOfExpression(a);
  const right = operandsOfExpression(b);
  return left.every((operand, index) => {
    const other = right[index];
    return other !== undefined && sameExpression(operand, other);
  });
}

/** What an expression is beside its operands. */
function shallow(expression: Expression): string {
  switch (expression.kind) {
    case "i32":
    case "i64":
      return `${expression.value}`;
    case "local":
    case "global":
      return `${expression.index}`;
    case "load":
      return `${expression.width} ${expression.signed} ${expression.offset}`;
    case "unary":
    case "binary":
    case "compare":
      return expression.operator;
    case "select":
      return "";
  }
}

/** An `if` that only chooses a value: what each arm runs, and the value that it ends with. */
export interface Choice {
  readonly condition: Expression;
  readonly whenTrue: Arm;
  readonly whenFalse: Arm;
}

export interface Arm {
  readonly body: readonly Statement[];
  readonly value: Expression;
}

/**
 * The choice behind a condition that is the temporary set by both arms of the `if` right before it and read nowhere else: then each arm can
 * jump on its own value, and the temporary vanishes.
 */
export function choiceBehind(statement: Statement | undefined, condition: Expression, uses: Uses): Choice | null {
  if (statement?.kind !== "if" || condition.kind !== "local" || uses.targets.has(statement.label)) return null;
  if (uses.reads.get(condition.index) !== 1) return null;
  const whenTrue = armOf(statement.whenTrue, condition.index);
  const whenFalse = armOf(statement.whenFalse, condition.index);
  return whenTrue && whenFalse ? { condition: statement.condition, whenTrue, whenFalse } : null;
}

function armOf(body: readonly Statement[], local: number): Arm | null {
  const last = body[body.length - 1];
  return last?.kind === "set" && last.local === local ? { body: body.slice(0, -1), value: last.value } : null;
}
