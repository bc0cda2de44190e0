import { att } from "./att.ts";
import { decode } from "./decode.ts";
import { intel } from "./intel.ts";

/** Intel syntax is the SDM's; AT&T syntax is that of the GNU assembler. */
export type Syntax = "intel" | "att";

/** One line of a disassembly. */
export interface Disassembled {
  readonly text: string;
  /** Bytes that the text stands for, at least 1. */
  readonly length: number;
}

/**
 * One instruction as text. Bytes that are none come out as `.byte`, one at a time.
 * @param at index of the first byte; must be inside the array
 * @param bits code segment default
 * @param address of the first byte: branch targets are absolute
 */
export function disassemble(bytes: Uint8Array, at: number, bits: 16 | 32, address: number, syntax: Syntax): Disassembled {
  const decoded = decode(bytes, at, bits);
  if (!decoded.ok) return { text: `.byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`, length: 1 };
  const next = address + decoded.length;
  const text = syntax === "intel" ? intel(decoded, bits, next) : att(decoded, bits, next);
  return { text, length: decoded.length };
}
