import type { Row } from "./row.ts";

/** A REP prefix as it stood in the bytes, whether or not the form makes use of it. */
export type Repeat = "none" | "rep" | "repne";

/** One decoded instruction. Register fields are numbers in encoding order; -1 is none. */
export interface Instruction {
  readonly ok: true;
  readonly row: Row;
  /** Bytes, prefixes included: 1 to 15. */
  readonly length: number;
  readonly operandSize: 16 | 32;
  readonly addressSize: 16 | 32;
  readonly lock: boolean;
  readonly repeat: Repeat;
  /** Last segment prefix, 0 to 5 (es cs ss ds fs gs), or -1. */
  readonly segmentOverride: number;
  /** Segment of the operand by ModRM, by `O` or by `X`: the override or the default (ss for stack-relative bases, else ds). */
  readonly segment: number;
  /** The last opcode byte. */
  readonly opcode: number;
  /** The operand by ModRM or `O` is in memory. */
  readonly memory: boolean;
  /** ModRM fields; `reg` of a `+r` form is the low three opcode bits. 0 where there is no ModRM; `mod` is then 3. */
  readonly mod: number;
  readonly reg: number;
  readonly rm: number;
  /** Address parts: numbers of 32-bit or, with `addressSize` 16, of 16-bit registers; -1 is none. */
  readonly base: number;
  readonly index: number;
  readonly scale: 1 | 2 | 4 | 8;
  /** Signed 32 bits; with `addressSize` 16 the sum is to be reduced to 16 bits. */
  readonly displacement: number;
  /** Immediate, signed 32 bits: sign-extended from its size, except that `Ib` and `Iw` are unsigned. Offset of a far pointer. Branch displacement. */
  readonly immediate: number;
  /** Second immediate, unsigned: ENTER's level, the selector of a far pointer. */
  readonly immediate2: number;
}

/**
 * Bytes that are no instruction.
 *
 * - `truncated`: the array ends inside it
 * - `too-long`: more than 15 bytes, #GP(0) (SDM 2A 2.3.11)
 * - `undefined`: no row has this opcode, #UD
 * - `lock`: a row exists, but not with LOCK, #UD
 */
export interface Undecodable {
  readonly ok: false;
  readonly reason: "truncated" | "too-long" | "undefined" | "lock";
  /** Bytes looked at. */
  readonly length: number;
}

/** What a decoder makes of bytes; `ok` tells the two apart. */
export type Decoded = Instruction | Undecodable;
