import type { FloatHelper } from "./semantics/x87/helpers.ts";
import { I32 } from "../wasm/opcodes.ts";
import type { FunctionType } from "../wasm/module.ts";

/** Parts of the `access` argument of the slow paths. */
export const access = {
  /** Bytes, up to 16. */
  sizeMask: 31,
  /** The limit is that of the flat segments and has not been checked. */
  flat: 32,
  /** The segment is SS, whatever the record says. */
  stack: 64,
  /** The segment is ES, whatever the record says. */
  destination: 128,
} as const;

/**
 * Functions that generated code calls. All get the record that they work for, which says where the instruction is.
 * Any of them may not return: a fault unwinds the generated code.
 */
export interface Imports {
  /** A read that the TLB does not answer; the value zero-extended. */
  readSlow(record: number, linear: number, access: number): number;
  /** A write that the TLB does not answer. */
  writeSlow(record: number, linear: number, value: number, access: number): void;
  /** A read that will be followed by a write; faults as the write would. */
  updateSlow(record: number, linear: number, access: number): number;
  /** Reads 8 or 16 bytes into `at.wide`. */
  readWide(record: number, linear: number, access: number): void;
  /** Writes 8 or 16 bytes out of `at.wide`. */
  writeWide(record: number, linear: number, access: number): void;
  /** A vector instruction may not go on, for one of {@link vectorFault}. Returns only where an x87 exception is ignored. */
  vectorFault(record: number, reason: number): void;
  /** Does floating-point operation `number` on the source in `at.wide`, exactly. */
  float(record: number, number: number): void;
  /** The segment forbids the access; does not return. */
  segmentFault(record: number, cache: number, access: number): void;
  /** Divide error; does not return. */
  divideError(record: number): void;
  /** Does an instruction that stays in the block. */
  assist(record: number): void;
  /** Does an instruction that ends a block. 0 to go on at the state's EIP, else to leave. */
  system(record: number): number;
  /** The block at the state's EIP, 0 to leave. */
  translate(): number;
  /** Looks for the block of a direct branch and keeps its address in the record. */
  linkBranch(record: number, link: number): void;
}

/** An operand that is not on a 16-byte boundary; MMX or XMM registers that may not be used now. */
export const vectorFault = { alignment: 0, mmx: 1, xmm: 2 } as const;

export type ImportName = keyof Imports;
/** Functions that generated code calls: those, and its own. */
export type FunctionName = ImportName | "dispatch" | "segmented" | "readFlags" | FloatHelper;

const signature = (parameters: number, result: boolean): FunctionType => ({
  parameters: Array.from({ length: parameters }, () => I32),
  results: result ? [I32] : [],
});

export const imports: Readonly<Record<ImportName, FunctionType>> = {
  readSlow: signature(3, true),
  writeSlow: signature(4, false),
  updateSlow: signature(3, true),
  readWide: signature(3, false),
  writeWide: signature(3, false),
  vectorFault: signature(2, false),
  float: signature(2, false),
  segmentFault: signature(3, false),
  divideError: signature(1, false),
  assist: signature(1, false),
  system: signature(1, true),
  translate: signature(0, true),
  linkBranch: signature(2, false),
};
