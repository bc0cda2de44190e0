import type { WasmModule } from "../wasm/module.ts";
import type { Expression, Label, Statement } from "../wasm/tree.ts";

/** Whether interrupts are certainly off at a place. */
export type Masked = boolean;

/** A read or write of a module-level variable. */
export interface Access {
  readonly global: number;
  readonly write: boolean;
  /** Byte offset of the statement in the module. */
  readonly at: number;
  readonly masked: Masked;
}

/** A call, with the state in which it is made. */
export interface CallSite {
  readonly callee: Callee;
  readonly masked: Masked;
}

/** A function, or what a call through the function table may mean: every function of that type in it. */
export type Callee = { readonly index: number } | { readonly type: number };

/** What a function does when it is entered in one state. */
export interface Behaviour {
  readonly accesses: readonly Access[];
  readonly calls: readonly CallSite[];
  /** State on return. */
  readonly exit: Masked;
}

/** What an import does to the interrupt flag: sets a state, brings back the one on entry, or nothing. */
const flagEffects: Readonly<Record<string, Masked | "entry">> = {
  disableInterrupts: true,
  enableInterrupts: false,
  idle: false,
  enableAndHalt: false,
  restoreFlags: "entry",
  writeFlags: "entry",
};

/** State after a call of a function of the module. */
export type ExitOf = (callee: Callee, masked: Masked) => Masked;

/** Follows the interrupt flag through one function. */
export class MaskWalk {
  private readonly module: WasmModule;
  private readonly exitOf: ExitOf;
  private readonly entry: Masked;
  private readonly accesses: Access[] = [];
  private readonly calls: CallSite[] = [];
  /** States that reach each label, and the function's end, joined; absent: none does. */
  private readonly arriving = new Map<Label, Masked>();

  constructor(module: WasmModule, entry: Masked, exitOf: ExitOf) {
    this.module = module;
    this.entry = entry;
    this.exitOf = exitOf;
  }

  run(body: readonly Statement[], end: Label): Behaviour {
    const last = this.block(body, this.entry);
    const exit = join(this.arriving.get(end) ?? null, last) ?? true;
    return { accesses: this.accesses, calls: this.calls, exit };
  }

  /** The state after the statements, or null when control does not get there. */
  private block(statements: readonly Statement[], masked: Masked): Masked | null {
    let state: Masked | null = masked;
    for (const statement of statements) {
      if (state === null) return null;
      for (const global of globalsReadBy(statement)) this.accesses.push({ global, write: false, at: statement.at, masked: state });
      state = this.statement(statement, state);
    }
    return state;
  }

  private statement(statement: Statement, masked: Masked): Masked | null {
    switch (statement.kind) {
      case "setGlobal":
        this.accesses.push({ global: statement.global, write: true, at: statement.at, masked });
        return masked;
      case "call":
        return this.call(
          statement.target.kind === "function" ? { index: statement.target.index } : { type: statement.target.type },
          masked,
        );
      case "block":
        return join(this.block(statement.body, masked), this.take(statement.label));
      case "loop":
        return this.loop(statement.body, statement.label, masked);
      case "if": {
        const then = this.block(statement.whenTrue, masked);
        const otherwise = this.block(statement.whenFalse, masked);
        return join(join(then, otherwise), this.take(statement.label));
      }
      case "branchIf":
        this.arrive(statement.label, masked);
        return masked;
      case "branch":
        this.arrive(statement.label, masked);
        return null;
      case "switch":
        for (const label of [...statement.labels, statement.fallback]) this.arrive(label, masked);
        return null;
      case "return":
        this.arrive(endOfFunction, masked);
        return null;
      case "unreachable":
        return null;
      case "set":
      case "store":
      case "copy":
      case "fill":
      case "evaluate":
        return masked;
    }
  }

  /** A second round sees what jumps back brought; with two states there is nothing for a third to see. */
  private loop(body: readonly Statement[], label: Label, masked: Masked): Masked | null {
    this.block(body, masked);
    const again = join(masked, this.take(label)) ?? masked;
    const state = this.block(body, again);
    this.take(label);
    return state;
  }

  private call(callee: Callee, masked: Masked): Masked {
    const imported = "index" in callee ? this.module.imports[callee.index] : undefined;
    if (imported === undefined) {
      this.calls.push({ callee, masked });
      return this.exitOf(callee, masked);
    }
    const effect = flagEffects[imported.name];
    if (effect === undefined) return masked;
    return effect === "entry" ? this.entry : effect;
  }

  private arrive(label: Label, masked: Masked): void {
    this.arriving.set(label, join(this.arriving.get(label) ?? null, masked) ?? masked);
  }

  private take(label: Label): Masked | null {
    const state = this.arriving.get(label) ?? null;
    this.arriving.delete(label);
    return state;
  }
}

/** Label that `return` is taken to jump to; labels of the tree are not negative. */
export const endOfFunction: Label = -1;

function join(a: Masked | null, b: Masked | null): Masked | null {
  if (a === null) return b;
  return b === null ? a : a && b;
}

/** Module-level variables that a statement's own expressions read, those of statements inside it left out. */
function globalsReadBy(statement: Statement): number[] {
  const own = Object.values(statement).filter((value) => isExpression(value));
  const passed =
    statement.kind === "call" ? [...statement.arguments, ...(statement.target.kind === "indirect" ? [statement.target.slot] : [])] : [];
  return [...own, ...passed].flatMap(globalsIn);
}

function globalsIn(expression: Expression): number[] {
  if (expression.kind === "global") return [expression.index];
  return Object.values(expression)
    .filter((value) => isExpression(value))
    .flatMap(globalsIn);
}

const expressionKinds: ReadonlySet<unknown> = new Set(["i32", "i64", "local", "global", "load", "unary", "binary", "compare", "select"]);

function isExpression(value: unknown): value is Expression {
  return typeof value === "object" && value !== null && "kind" in value && expressionKinds.has(value.kind) && "type" in value;
}
