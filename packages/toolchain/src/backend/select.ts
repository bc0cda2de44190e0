import type { FunctionTree, Label, Statement } from "../wasm/tree.ts";
import { placesOf, selectBulk, selectCall } from "./calls.ts";
import { flagsFor } from "./compare.ts";
import { Selection, type ModuleView } from "./context.ts";
import { eax, edx, immediate, inMemory, memory, register, type MirFunction, type Operand } from "./mir.ts";
import { operandsOf, pairOf, wordsAt } from "./pairs.ts";
import { endsFlow } from "./liveness.ts";
import { negate } from "./shapes.ts";
import { selectSwitch } from "./switch.ts";
import { storeWord } from "./store.ts";
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

  constructor(selection: Selection) {
    this.selection = selection;
  }

  all(statements: readonly Statement[]): void {
    for (const statement of statements) {
      this.selection.builder.at = statement.at;
      this.one(statement);
    }
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
        return this.set(statement.local, statement.value);
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
        return this.branchAround(statement);
      case "branch":
        return builder.jump(this.label(statement.label));
      case "branchIf":
        return builder.jumpIf(flagsFor(selection, statement.condition), this.label(statement.label));
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

  private set(local: number, value: Parameters<typeof valueOf>[1]): void {
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

  private setGlobal(global: number, value: Parameters<typeof valueOf>[1]): void {
    const { builder } = this.selection;
    const cell = memory(null, 0, this.selection.globalSymbol(global));
    if (value.type === "i32") {
      builder.emit("mov", [cell, valueOf(this.selection, value)]);
      return;
    }
    const pair = pairOf(this.selection, value);
    builder.emit("mov", [cell, pair.low]);
    builder.emit("mov", [wordsAt(cell).high, pair.high]);
  }

  private evaluate(value: Parameters<typeof valueOf>[1]): void {
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

  private branchAround(statement: Extract<Statement, { kind: "if" }>): void {
    const { builder } = this.selection;
    const end = this.label(statement.label);
    const otherwise = statement.whenFalse.length > 0 ? builder.newLabel() : end;
    builder.jumpIf(negate(flagsFor(this.selection, statement.condition)), otherwise);
    this.all(statement.whenTrue);
    if (otherwise !== end) {
      builder.jump(end);
      builder.label(otherwise);
      this.all(statement.whenFalse);
    }
    builder.label(end);
  }

  private leave(value: Parameters<typeof valueOf>[1] | null): void {
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

function mentions(operand: Operand, reg: number): boolean {
  if (operand.kind === "register") return operand.reg === reg;
  return operand.kind === "memory" && (operand.base === reg || operand.index === reg);
}
