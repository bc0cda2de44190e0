import type { FunctionType, ValueType } from "../wasm/module.ts";
import type { Expression, FunctionTree } from "../wasm/tree.ts";
import { Builder } from "./builder.ts";
import type { ImportLowering } from "./lowering.ts";
import { register, type Operand, type Reg } from "./mir.ts";

/** A 64-bit value: two operands, each a register or a constant (or, where said so, memory). */
export interface Pair {
  readonly low: Operand;
  readonly high: Operand;
}

export interface RegPair {
  readonly low: Reg;
  readonly high: Reg;
}

/** What selection must know of the module around a function. */
export interface ModuleView {
  /** Type and lowering of each function of the index space. */
  readonly functions: readonly Callee[];
  readonly types: readonly FunctionType[];
  readonly globalSymbols: readonly string[];
  readonly tableSymbol: string;
  /** Called when a runtime helper is needed; its symbol. */
  readonly helper: (name: HelperName) => string;
}

export type HelperName = "divideUnsigned64" | "remainderUnsigned64" | "divideSigned64" | "remainderSigned64";

export interface Callee {
  readonly type: FunctionType;
  readonly lowering: ImportLowering;
}

/** State of one function's selection: where its locals are and what is written so far. */
export class Selection {
  readonly builder: Builder;
  readonly module: ModuleView;
  readonly tree: FunctionTree;
  private readonly locals: readonly RegPair[];

  constructor(tree: FunctionTree, module: ModuleView, incoming: number) {
    this.tree = tree;
    this.module = module;
    this.builder = new Builder(tree.name, incoming, tree.start);
    this.locals = tree.locals.map((type: ValueType) => {
      const low = this.builder.fresh();
      return { low, high: type === "i64" ? this.builder.fresh() : low };
    });
  }

  /** Registers of a local; of an i32, both are the same. */
  local(index: number): RegPair {
    const pair = this.locals[index];
    if (!pair) throw new RangeError(`local ${index} of ${this.tree.name} does not exist`);
    return pair;
  }

  globalSymbol(index: number): string {
    const symbol = this.module.globalSymbols[index];
    if (symbol === undefined) throw new RangeError(`global ${index} does not exist`);
    return symbol;
  }
}

export function pairOf(regs: RegPair): Pair {
  return { low: register(regs.low), high: register(regs.high) };
}

/** The two words of a constant, as signed 32-bit numbers. */
export function wordsOf(value: bigint): { low: number; high: number } {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}

/** The value of an i32 constant, a truncated i64 constant included; else null. */
export function constantOf(expression: Expression): number | null {
  if (expression.kind === "i32") return expression.value;
  const truncated = expression.kind === "unary" && expression.operator === "wrap" && expression.operand.kind === "i64";
  return truncated ? wordsOf(expression.operand.value).low : null;
}
