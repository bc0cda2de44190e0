import type { Relocation } from "../object.ts";
import type { FunctionType } from "../wasm/module.ts";
import type { Builder } from "./builder.ts";
import type { Operand, Reg } from "./mir.ts";

/** An argument of an import: an i32 as one operand in `low`, an i64 as two. Register or constant, never memory. */
export interface Argument {
  readonly low: Operand;
  readonly high: Operand;
}

/** A result that an inline emitter leaves: one register for i32, two for i64. */
export type Result = readonly Reg[];

/** Bytes encoded elsewhere, put in place as one instruction. */
export interface RawCode {
  readonly bytes: Uint8Array;
  readonly relocations?: readonly Relocation[];
  /** Operation name when the place is patchable and goes into the site table. */
  readonly site?: string;
  /** Machine registers read, and changed. */
  readonly reads: readonly Reg[];
  readonly writes: readonly Reg[];
  /** Bytes by which it deepens the stack (PUSHFD 4, POPFD -4). */
  readonly stack?: number;
}

/**
 * Writes an import's instructions in place of a call. Values move to machine registers by `builder.move(eax, ...)` right before the
 * instruction that wants them and into a fresh register right after; between those nothing else may be computed.
 */
export type InlineEmitter = (builder: Builder, args: readonly Argument[]) => Result;

/** What a call of an import becomes. */
export type ImportLowering =
  | { readonly kind: "inline"; readonly emit: InlineEmitter }
  /** The address of a symbol; the import takes no arguments and gives an i32. */
  | { readonly kind: "address"; readonly symbol: string }
  /** A call by the calling convention: regparm(3), i64 and further arguments on the stack, popped by the callee. */
  | { readonly kind: "call"; readonly symbol: string };

/** Answers for an import (module, name); undefined when nobody knows it, which is an error of the module that imports it. */
export type ImportResolver = (module: string, name: string, type: FunctionType) => ImportLowering | undefined;
