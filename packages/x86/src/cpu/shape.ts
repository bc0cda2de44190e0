import type { Repeat } from "@mercury/isa";
import type { Int } from "../wasm/expression.ts";

/** Bytes of an integer operand. */
export type Size = 1 | 2 | 4;
/** Bytes of any operand. */
export type Width = Size | 8 | 16;

/**
 * How the operand at a position is reached.
 *
 * - `register` general register, `immediate` constant of the instruction, `segment` selector of a segment register
 * - `flat` memory in a flat segment with 32-bit addressing, `base` the same without index, `checked` any other memory
 * - `count` CL, named by the form
 * - `mmx`, `xmm` vector register
 */
export type Kind = "mmx" | "xmm" | "register" | "immediate" | "segment" | "flat" | "base" | "checked" | "count";

/** What a tier knows of one instruction: the only part of code making that differs between tiers. */
export interface OperandSource {
  readonly cpu: Int;
  /** Stands for the instruction when a slow path is called. */
  readonly record: Int;
  /** Register operand 0 or 1, extended from `size`. */
  register(position: number, size: Size, signed: boolean): Int;
  setRegister(position: number, size: Size, value: Int): void;
  selector(position: number): Int;
  /** Address of the vector register that is operand 0 or 1. */
  slot(position: number): Int;
  /** Register `number` of the encoding, extended from `size`. */
  fixed(number: number, size: Size, signed: boolean): Int;
  setFixed(number: number, size: Size, value: Int): void;
  /** Sign-extended. */
  immediate(): Int;
  /** Offset of the memory operand in its segment, not reduced to the address size. */
  offset(indexed: boolean): Int;
  addressMask(): Int;
  /** Address of the memory operand's segment cache. */
  segment(): Int;
  eip(): Int;
  nextEip(): Int;
  /** Target of a direct branch. */
  target(): Int;
}

/** How control leaves an instruction; each call ends the function. */
export interface Flow {
  /** To the next record of the block. */
  next(): void;
  /** To the block of a direct branch, over its link. */
  branch(taken: boolean): void;
  /** To the state's EIP. */
  dispatch(): void;
  /** Out of generated code. */
  leave(): void;
}

/** What is the same for all instructions that share a function. */
export interface Shape {
  readonly kinds: readonly Kind[];
  readonly sizes: readonly Width[];
  /** A memory operand of 16 bytes has to be on a 16-byte boundary. */
  readonly aligned: boolean;
  /** Of the instruction, where no operand tells it. */
  readonly operandSize: Size;
  readonly addressSize: 2 | 4;
  /** SS is flat and 32-bit. */
  readonly flatStack: boolean;
  /** Both segments of a string instruction are flat. */
  readonly flatStrings: boolean;
  readonly repeat: Repeat;
}
