/**
 * The back end's own form of machine code: IA-32 instructions over registers that are either machine registers (0 to 7, in their
 * encoding order, SDM 2A table 2-2) or virtual ones (8 and up). Register allocation replaces the latter in place.
 */

import type { Register, SegmentRegister } from "@mercury/isa";
import type { Relocation } from "../object.ts";

/** 0 to 7: a machine register; 8 and up: a virtual register of the function. */
export type Reg = number;

export const eax = 0,
  ecx = 1,
  edx = 2,
  ebx = 3,
  esp = 4,
  ebp = 5,
  esi = 6,
  edi = 7;
export const firstVirtual = 8;

export function isVirtual(reg: Reg): boolean {
  return reg >= firstVirtual;
}

export interface RegisterOperand {
  readonly kind: "register";
  readonly reg: Reg;
}
export interface ImmediateOperand {
  readonly kind: "immediate";
  readonly value: number;
  readonly symbol: string | null;
}
/** Linear address base + index * scale + displacement (+ symbol). */
export interface MemoryOperand {
  readonly kind: "memory";
  readonly base: Reg | null;
  readonly index: Reg | null;
  readonly scale: 1 | 2 | 4 | 8;
  readonly displacement: number;
  readonly symbol: string | null;
  readonly segment?: SegmentRegister;
}
/** A 4-byte cell of the frame that holds a spilled register. */
export interface SlotOperand {
  readonly kind: "slot";
  readonly slot: number;
}
/** A word that the caller pushed: `offset` bytes above the return address. */
export interface IncomingOperand {
  readonly kind: "incoming";
  readonly offset: number;
}
/** A register that allocation does not know: control, debug and segment registers. */
export interface FixedOperand {
  readonly kind: "fixed";
  readonly register: Register;
}

export type Operand = RegisterOperand | ImmediateOperand | MemoryOperand | SlotOperand | IncomingOperand | FixedOperand;

export const register = (reg: Reg): RegisterOperand => ({ kind: "register", reg });
export const immediate = (value: number, symbol: string | null = null): ImmediateOperand => ({
  kind: "immediate",
  value: value | 0,
  symbol,
});
export const memory = (base: Reg | null, displacement = 0, symbol: string | null = null): MemoryOperand => ({
  kind: "memory",
  base,
  index: null,
  scale: 1,
  displacement: displacement | 0,
  symbol,
});

/** True for operands that stand in memory when the instruction runs. */
export function inMemory(operand: Operand): boolean {
  return operand.kind === "memory" || operand.kind === "slot" || operand.kind === "incoming";
}

export type Role = "read" | "write" | "modify" | "address";

/** Registers that an instruction reads and changes; kept with the operand list that it was computed from. */
export interface Touched {
  readonly operands: readonly Operand[];
  readonly uses: readonly Reg[];
  readonly definitions: readonly Reg[];
}

/** `label`, `jumpTable` and `raw` are no mnemonics: a place, a computed jump, and bytes that somebody else encoded. */
export interface Instruction {
  readonly mnemonic: string;
  operands: Operand[];
  /** Filled by liveness.ts. */
  touched: Touched | null;
  /** The operands as selection wrote them, over virtual registers; null for moves that allocation added. */
  readonly original: readonly Operand[] | null;
  readonly roles: readonly Role[];
  /** Bits of the operands; of MOVZX and MOVSX, of the source. */
  readonly size: 8 | 16 | 32;
  /** Machine registers that the instruction reads or writes beside its operands. */
  readonly reads: readonly Reg[];
  readonly writes: readonly Reg[];
  readonly flags: FlagUse;
  /** Bytes by which the instruction deepens the stack. */
  readonly stack: number;
  readonly lock: boolean;
  /** Stands though nobody reads its result: an access that the machine itself watches. */
  readonly keep: boolean;
  /** Label that stands here or is jumped to; -1 for none. */
  readonly target: number;
  /** Targets of a `jumpTable`. */
  readonly targets: readonly number[];
  /** Symbol called or jumped to, relative. */
  readonly symbol: string | null;
  /** Bytes of a `raw` instruction. */
  readonly bytes: Uint8Array | null;
  /** Relocations of a `raw` instruction, from its first byte. */
  readonly relocations: readonly Relocation[];
  /** Operation of a patchable site. */
  readonly site: string | null;
  /** The instruction whose flags this one reads. */
  readonly flagsOf: Instruction | null;
  /** Loops around it: its weight in allocation. */
  readonly loopDepth: number;
  /** Byte offset in the wasm module. */
  readonly at: number;
}

export type FlagUse = "none" | "write" | "read" | "both";

export interface MirFunction {
  readonly name: string;
  instructions: Instruction[];
  /** Number of the next virtual register. */
  registers: Reg;
  labels: number;
  slots: number;
  /** Virtual registers that need a byte name: eax, ecx, edx, ebx only. */
  readonly byteRegisters: Set<Reg>;
  /** Virtual registers of one instruction's reload or write-back: spilling them again would not end. */
  readonly unspillable: Set<Reg>;
  /** Bytes of stack parameters, which the function removes when it returns. */
  readonly incoming: number;
}
