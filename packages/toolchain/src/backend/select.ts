import type { Expression, FunctionTree, Label, Statement } from "../wasm/tree.ts";
import { placesOf, selectBulk, selectCall } from "./calls.ts";
import { flagsFor } from "./compare.ts";
import { constantOf, Selection, type ModuleView } from "./context.ts";
import { eax, edx, immediate, inMemory, memory, register, type MirFunction, type Operand } from "./mir.ts";
import { operandsOf, pairOf, wordsAt } from "./pairs.ts";
import { endsFlow } from "./liveness.ts";
import { negate } from "./shapes.ts";
import { selectSwitch } from "./switch.ts";
import { steer } from "./steer.ts";
import { inPlace, storeWord } from "./store.ts";
import { choiceBehind, usesOfTree, type Choice, type Uses } from "./uses.ts";
import { operandOf, valueOf } from "./values.ts";

/** Selects instructions for a function: its tree to machine code over virtual registers. */
export function select(tree: FunctionTree, module: ModuleView): MirFunction {
  const { places, bytes } = placesOf(tree.parameters);
  const selection = new Selection(tree, module, bytes);
  takeParameters(selection, places);
  zeroLocals(selection);
  new StatementSelector(selection).all(tree.body);
  const last = selection.builder.mir.instructions.at(-1);
  if (!last || !endsFlow(last)) selection.builder.emit("ud2");
  return selection.builder.mir;
}

function takeParameters(selection: Selection, places: ReturnType<typeof placesOf>["places"]): void {
  const { builder } = selection;
  places.forEach((place, index) => {
    if (place.kind === "register") builder.move(selection.local(index).low, register(place.reg));
  });
  places.forEach((place, index) => {
    if (place.kind !== "stack") return;
    const { low, high } = selection.local(index);
    builder.move(low, { kind: "incoming", offset: place.offset });
    if (high !== low) builder.move(high, { kind: "incoming", offset: place.offset + 4 });
  });
}

/** Declared locals start as 0 (Core Specification 4.4.10); those that nobody reads are dropped with the dead code. */
function zeroLocals(selection: Selection): void {
  const { tree, builder } = selection;
  for (let index = tree.parameters.length; index < tree.locals.length; index++) {
    const { low, high } = selection.local(index);
    builder.move(low, immediate(0));
    if (high !== low) builder.move(high, immediate(0));
  }
}

class StatementSelector {
  private readonly selection: Selection;
  private readonly labels = new Map<Label, number>();
  private readonly uses: Uses;

  constructor(selection: Selection) {
    this.selection = selection;
    this.uses = usesOfTree(selection.tree);
  }

  all(statements: readonly Statement[]): void {
    for (let index = 0; index < statements.length; index++) {
      const statement = statements[index];
      const next = statements[index + 1];
      if (!statement) continue;
      this.selection.builder.at = statement.at;
      if (next && this.joins(statement, next)) {
        this.conditional([statement], next);
        index++;
      } else this.one(statement);
    }
  }

  /** Whether the second statement branches on nothing but the choice that the first one makes. */
  private joins(statement: Statement, next: Statement): boolean {
    if (next.kind !== "branchIf" && next.kind !== "if") return false;
    return choiceBehind(statement, positive(next.condition).condition, this.uses) !== null;
  }

  private conditional(prefix: readonly Statement[], statement: Statement): void {
    if (statement.kind === "branchIf") this.jumpWhen(prefix, statement.condition, this.label(statement.label), true);
    if (statement.kind === "if") this.branchAround(prefix, statement);
  }

  /** Runs `prefix`, then jumps when the condition's truth is `sense`. */
  private jumpWhen(prefix: readonly Statement[], condition: Expression, label: number, sense: boolean): void {
    const { builder } = this.selection;
    const { condition: bare, negated } = positive(condition);
    const wanted = negated ? !sense : sense;
    const choice = choiceBehind(prefix[prefix.length - 1], bare, this.uses);
    if (choice) return this.jumpThrough(prefix.slice(0, -1), choice, label, wanted);
    this.all(prefix);
    const constant = constantOf(bare);
    if (constant !== null) {
      if ((constant !== 0) === wanted) builder.jump(label);
      return;
    }
    const holds = flagsFor(this.selection, bare);
    builder.jumpIf(wanted ? holds : negate(holds), label);
  }

  /** Both arms of a choice jump on their own values. */
  private jumpThrough(prefix: readonly Statement[], choice: Choice, label: number, sense: boolean): void {
    const { builder } = this.selection;
    const otherwise = builder.newLabel();
    const end = builder.newLabel();
    this.jumpWhen(prefix, choice.condition, otherwise, false);
    this.jumpWhen(choice.whenTrue.body, choice.whenTrue.value, label, sense);
    builder.jump(end);
    builder.label(otherwise);
    this.jumpWhen(choice.whenFalse.body, choice.whenFalse.value, label, sense);
    builder.label(end);
  }

  /** The machine label of a wasm label. */
  private label(label: Label): number {
    const known = this.labels.get(label);
    if (known !== undefined) return known;
    const created = this.selection.builder.newLabel();
    this.labels.set(label, created);
    return created;
  }

  private one(statement: Statement): void {
    const { selection } = this;
    const { builder } = selection;
    switch (statement.kind) {
      case "set":
        return this.set(statement.local, steer(statement.value, statement.local));
      case "setGlobal":
        return this.setGlobal(statement.global, statement.value);
      case "store":
        return storeWord(selection, statement);
      case "call":
        return selectCall(selection, statement);
      case "copy":
        return selectBulk(selection, "memmove", [statement.destination, statement.source, statement.length]);
      case "fill":
        return selectBulk(selection, "memset", [statement.destination, statement.value, statement.length]);
      case "evaluate":
        return this.evaluate(statement.value);
      case "block":
        this.all(statement.body);
        return builder.label(this.label(statement.label));
      case "loop":
        return this.loop(statement.label, statement.body);
      case "if":
        return this.branchAround([], statement);
      case "branch":
        return builder.jump(this.label(statement.label));
      case "branchIf":
        return this.jumpWhen([], statement.condition, this.label(statement.label), true);
      case "switch":
        return selectSwitch(
          selection,
          statement.index,
          statement.labels.map((label) => this.label(label)),
          this.label(statement.fallback),
        );
      case "return":
        return this.leave(statement.value);
      case "unreachable":
        builder.emit("ud2");
        return;
    }
  }

  private set(local: number, value: Expression): void {
    const { builder } = this.selection;
    const { low, high } = this.selection.local(local);
    if (value.type === "i32") return builder.move(low, operandOf(this.selection, value));
    const pair = operandsOf(this.selection, value);
    // An operand may be the other half's old value: it must be read before that half is written.
    if (mentions(pair.high, low)) {
      const kept = builder.load(pair.high);
      builder.move(low, pair.low);
      return builder.move(high, register(kept));
    }
    builder.move(low, pair.low);
    builder.move(high, pair.high);
  }

  private setGlobal(global: number, value: Expression): void {
    const { builder } = this.selection;
    const cell = memory(null, 0, this.selection.globalSymbol(global));
    if (value.type === "i32") {
      const update =
        value.kind === "binary" && value.left.kind === "global" && value.left.index === global ? inPlace[value.operator] : undefined;
      if (update !== undefined && value.kind === "binary") builder.emit(update, [cell, valueOf(this.selection, value.right)]);
      else builder.emit("mov", [cell, valueOf(this.selection, value)]);
      return;
    }
    const pair = pairOf(this.selection, value);
    builder.emit("mov", [cell, pair.low]);
    builder.emit("mov", [wordsAt(cell).high, pair.high]);
  }

  private evaluate(value: Expression): void {
    const operands = value.type === "i64" ? Object.values(operandsOf(this.selection, value)) : [operandOf(this.selection, value)];
    for (const operand of operands) if (inMemory(operand)) this.selection.builder.emit("cmp", [operand, immediate(0)]);
  }

  private loop(label: Label, body: readonly Statement[]): void {
    const { builder } = this.selection;
    builder.loopDepth++;
    builder.label(this.label(label));
    this.all(body);
    builder.loopDepth--;
  }

  private branchAround(prefix: readonly Statement[], statement: Extract<Statement, { kind: "if" }>): void {
    const { builder } = this.selection;
    const end = this.label(statement.label);
    const otherwise = statement.whenFalse.length > 0 ? builder.newLabel() : end;
    this.jumpWhen(prefix, statement.condition, otherwise, false);
    this.all(statement.whenTrue);
    if (otherwise !== end) {
      builder.jump(end);
      builder.label(otherwise);
      this.all(statement.whenFalse);
    }
    builder.label(end);
  }

  private leave(value: Expression | null): void {
    const { builder } = this.selection;
    if (value === null) return builder.leave([]);
    if (value.type === "i32") {
      builder.move(eax, operandOf(this.selection, value));
      return builder.leave([eax]);
    }
    const pair = operandsOf(this.selection, value);
    builder.move(eax, pair.low);
    builder.move(edx, pair.high);
    builder.leave([eax, edx]);
  }
}

/** A condition without its outermost negations. */
function positive(condition: Expression): { condition: Expression; negated: boolean } {
  if (condition.kind !== "unary" || condition.operator !== "eqz" || condition.operand.type !== "i32") return { condition, negated: false };
  const inner = positive(condition.operand);
  return { condition: inner.condition, negated: !inner.negated };
}

function mentions(operand: Operand, reg: number): boolean {
  if (operand.kind === "register") return operand.reg === reg;
  return operand.kind === "memory" && (operand.base === reg || operand.index === reg);
}
