import { UnsupportedError, readBody } from "../wasm/body.ts";
import type { WasmModule } from "../wasm/module.ts";
import { readModule } from "../wasm/read.ts";
import type { FunctionTree } from "../wasm/tree.ts";
import { type Access, type Behaviour, type Callee, type Masked, MaskWalk, endOfFunction } from "./masking.ts";

/** Where interrupts come into a program. A function is named by its name, or by the end of its path where that is ambiguous (`sched/tick/timerInterrupt`). */
export interface InterruptRule {
  /** Functions that handle interrupts; they are entered with interrupts off. */
  readonly handlers: readonly string[];
  /** Exports that are called with interrupts off; all others may be interrupted from their first instruction. */
  readonly masked: readonly string[];
}

/** A variable that an interrupt handler and interruptible code both use, one of them writing. */
export interface SharedVariable {
  /** As asc names it. */
  readonly variable: string;
  /** Byte offset of the interruptible access. */
  readonly at: number;
  readonly write: boolean;
}

/**
 * Module-level variables that need `Shared<T>`: interruptible code uses one that code under an interrupt handler uses too, and one of the two
 * writes it. Accesses with interrupts off need nothing: what turns them off and on is an import, past which the optimiser moves no access.
 * `wasm` is the module before optimisation, with names.
 */
export function sharedVariables(wasm: Uint8Array, rule: InterruptRule): readonly SharedVariable[] {
  const program = new Program(readModule(wasm));
  const handlers = program.named(rule.handlers);
  program.callOnlyAsHandlers(handlers);
  const masked = program.named(rule.masked);
  const under = program.reach(handlers.map((index) => ({ index, masked: true })));
  const roots = program.exports().filter((index) => !handlers.includes(index));
  const beside = program.reach(roots.map((index) => ({ index, masked: masked.includes(index) })));
  const touched = new Map<number, { written: boolean }>();
  for (const { global, write } of under) {
    const seen = touched.get(global);
    touched.set(global, { written: write || seen?.written === true });
  }
  const found = new Map<string, SharedVariable>();
  for (const { global, write, at, masked: off } of beside) {
    const other = touched.get(global);
    if (off || other === undefined || !(write || other.written)) continue;
    const variable = program.module.globalNames.get(global) ?? `global ${global}`;
    found.set(`${variable} ${at}`, { variable, at, write });
  }
  return [...found.values()];
}

/** A function entered in one state. */
interface Context {
  readonly index: number;
  readonly masked: Masked;
}

class Program {
  readonly module: WasmModule;
  private readonly trees = new Map<number, FunctionTree>();
  private readonly behaviours = new Map<string, Behaviour>();
  private tabled: readonly number[];

  constructor(module: WasmModule) {
    this.module = module;
    module.bodies.forEach((_, position) => this.keepTree(module.imports.length + position));
    this.tabled = module.elements.flatMap(({ functions }) => functions.filter((index) => index !== null));
  }

  /** Indexes of functions by name or end of path. */
  named(names: readonly string[]): readonly number[] {
    return names.flatMap((name) => {
      const found = [...this.module.functionNames].filter(([, full]) => full === name || full.endsWith(`/${name}`)).map(([index]) => index);
      if (found.length === 0) throw new RangeError(`interrupt rule: there is no function "${name}"`);
      return found;
    });
  }

  /** Takes handlers out of what a call through the table may mean: one is entered by its interrupt alone. */
  callOnlyAsHandlers(handlers: readonly number[]): void {
    this.tabled = this.tabled.filter((index) => !handlers.includes(index));
  }

  exports(): readonly number[] {
    return this.module.exports.filter(({ kind }) => kind === "function").map(({ index }) => index);
  }

  /** Every access of a variable that happens when the roots run. */
  reach(roots: readonly Context[]): readonly Access[] {
    let contexts = this.contextsFrom(roots);
    // Exit states depend on one another; they only ever go from "off" to "perhaps on", so this ends.
    for (let changed = true; changed; contexts = this.contextsFrom(roots)) changed = this.refine(contexts);
    return contexts.flatMap((context) => this.behaviour(context)?.accesses ?? []);
  }

  private refine(contexts: readonly Context[]): boolean {
    let changed = false;
    for (const context of contexts) {
      const before = this.behaviours.get(keyOf(context));
      const after = this.walk(context);
      if (after === undefined) continue;
      if (before?.exit !== after.exit || before.accesses.some(({ masked }, index) => masked !== after.accesses[index]?.masked))
        changed = true;
      this.behaviours.set(keyOf(context), after);
    }
    return changed;
  }

  private contextsFrom(roots: readonly Context[]): readonly Context[] {
    const found = new Map(roots.map((root) => [keyOf(root), root]));
    for (const context of found.values()) {
      for (const { callee, masked } of this.behaviour(context)?.calls ?? []) {
        for (const index of this.meant(callee)) {
          const next = { index, masked };
          if (!found.has(keyOf(next))) found.set(keyOf(next), next);
        }
      }
    }
    return [...found.values()];
  }

  private behaviour(context: Context): Behaviour | undefined {
    const known = this.behaviours.get(keyOf(context)) ?? this.walk(context);
    if (known !== undefined) this.behaviours.set(keyOf(context), known);
    return known;
  }

  private meant(callee: Callee): readonly number[] {
    if ("index" in callee) return [callee.index];
    return this.tabled.filter((index) => this.signatureOf(this.typeOf(index)) === this.signatureOf(callee.type));
  }

  private typeOf(index: number): number {
    return this.module.bodies[index - this.module.imports.length]?.type ?? -1;
  }

  private signatureOf(type: number): string {
    return JSON.stringify(this.module.types[type]);
  }

  private walk({ index, masked }: Context): Behaviour | undefined {
    const tree = this.trees.get(index);
    if (tree === undefined) return undefined;
    const walk = new MaskWalk(this.module, masked, (callee, state) => {
      return this.meant(callee).every((called) => this.behaviours.get(keyOf({ index: called, masked: state }))?.exit ?? state);
    });
    return walk.run(tree.body, endOfFunction);
  }

  /** Functions that the back end refuses have no tree; compiling names them. */
  private keepTree(index: number): void {
    try {
      this.trees.set(index, readBody(this.module, index, this.module.functionNames.get(index) ?? ""));
    } catch (error) {
      if (!(error instanceof UnsupportedError)) throw error;
    }
  }
}

function keyOf({ index, masked }: Context): string {
  return `${index} ${masked}`;
}
