/**
 * A function body as statements over expression trees. Every side effect is a statement of its own, so an expression may be
 * evaluated in any operand order; when it may move past a statement is decided by `canSwap` (../backend/reorder.ts) alone.
 */

import type { ValueType } from "./module.ts";

export type UnaryOperator =
  | "eqz"
  | "clz"
  | "ctz"
  | "popcnt"
  | "wrap"
  | "extendSigned"
  | "extendUnsigned"
  | "extend8"
  | "extend16"
  | "extend32";

export type BinaryOperator =
  | "add"
  | "sub"
  | "mul"
  | "divSigned"
  | "divUnsigned"
  | "remSigned"
  | "remUnsigned"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shrSigned"
  | "shrUnsigned"
  | "rotl"
  | "rotr";

export type Comparison =
  | "eq"
  | "ne"
  | "ltSigned"
  | "ltUnsigned"
  | "gtSigned"
  | "gtUnsigned"
  | "leSigned"
  | "leUnsigned"
  | "geSigned"
  | "geUnsigned";

export type Width = 8 | 16 | 32 | 64;

/** A 32-bit constant, as a signed number. */
export interface Constant32 {
  readonly kind: "i32";
  readonly type: "i32";
  readonly value: number;
}
/** A 64-bit constant, as a signed bigint. */
export interface Constant64 {
  readonly kind: "i64";
  readonly type: "i64";
  readonly value: bigint;
}
export interface LocalRead {
  readonly kind: "local";
  readonly type: ValueType;
  readonly index: number;
}
export interface GlobalRead {
  readonly kind: "global";
  readonly type: ValueType;
  readonly index: number;
}
export interface Load {
  readonly kind: "load";
  readonly type: ValueType;
  readonly width: Width;
  readonly signed: boolean;
  readonly address: Expression;
  readonly offset: number;
}
/** `type` is the result's. */
export interface Unary {
  readonly kind: "unary";
  readonly type: ValueType;
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}
export interface Binary {
  readonly kind: "binary";
  readonly type: ValueType;
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  /** The operands stand in the order in which they are best evaluated. */
  readonly fixedOrder?: true;
}
/** Operands are both of `left.type`; the result is 0 or 1. */
export interface Compare {
  readonly kind: "compare";
  readonly type: "i32";
  readonly operator: Comparison;
  readonly left: Expression;
  readonly right: Expression;
}
export interface Select {
  readonly kind: "select";
  readonly type: ValueType;
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}

export type Expression = Constant32 | Constant64 | LocalRead | GlobalRead | Load | Unary | Binary | Compare | Select;

export type CallTarget =
  | { readonly kind: "function"; readonly index: number }
  | { readonly kind: "indirect"; readonly type: number; readonly slot: Expression };

/** Label of a block, loop or if; unique in its function. A branch goes to a loop's start and to the end of the others. */
export type Label = number;

interface At {
  /** Byte offset of the instruction in the module, for line tables. */
  readonly at: number;
}

export type Statement = At &
  (
    | { readonly kind: "set"; readonly local: number; readonly value: Expression }
    | { readonly kind: "setGlobal"; readonly global: number; readonly value: Expression }
    | { readonly kind: "store"; readonly width: Width; readonly address: Expression; readonly offset: number; readonly value: Expression }
    | { readonly kind: "call"; readonly target: CallTarget; readonly arguments: readonly Expression[]; readonly result: number | null }
    | { readonly kind: "copy"; readonly destination: Expression; readonly source: Expression; readonly length: Expression }
    | { readonly kind: "fill"; readonly destination: Expression; readonly value: Expression; readonly length: Expression }
    /** For its trap or page fault alone. */
    | { readonly kind: "evaluate"; readonly value: Expression }
    | { readonly kind: "block"; readonly label: Label; readonly body: readonly Statement[] }
    | { readonly kind: "loop"; readonly label: Label; readonly body: readonly Statement[] }
    | {
        readonly kind: "if";
        readonly label: Label;
        readonly condition: Expression;
        readonly whenTrue: readonly Statement[];
        readonly whenFalse: readonly Statement[];
      }
    | { readonly kind: "branch"; readonly label: Label }
    | { readonly kind: "branchIf"; readonly label: Label; readonly condition: Expression }
    | { readonly kind: "switch"; readonly labels: readonly Label[]; readonly fallback: Label; readonly index: Expression }
    | { readonly kind: "return"; readonly value: Expression | null }
    | { readonly kind: "unreachable" }
  );

export interface FunctionTree {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | null;
  /** Types of all locals: parameters, declared ones, then temporaries that hold spilled operands. */
  readonly locals: readonly ValueType[];
  readonly body: readonly Statement[];
  /** Label of the whole body: a branch to it returns. */
  readonly start: number;
}
