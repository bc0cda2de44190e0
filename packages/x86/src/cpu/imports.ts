import { I32 } from "../wasm/opcodes.ts";
import type { FunctionType } from "../wasm/module.ts";

/** Parts of the `access` argument of the slow paths. */
export const access = {
  sizeMask: 7,
  /** The limit is that of the flat segments and has not been checked. */
  flat: 8,
  /** The segment is SS, whatever the record says. */
  stack: 16,
  /** The segment is ES, whatever the record says. */
  destination: 32,
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

export type ImportName = keyof Imports;

const signature = (parameters: number, result: boolean): FunctionType => ({
  parameters: Array.from({ length: parameters }, () => I32),
  results: result ? [I32] : [],
});

export const imports: Readonly<Record<ImportName, FunctionType>> = {
  readSlow: signature(3, true),
  writeSlow: signature(4, false),
  updateSlow: signature(3, true),
  segmentFault: signature(3, false),
  divideError: signature(1, false),
  assist: signature(1, false),
  system: signature(1, true),
  translate: signature(0, true),
  linkBranch: signature(2, false),
};
