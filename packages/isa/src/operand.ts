import type { Register, Register16, Register32, SegmentRegister } from "./register.ts";

/** A register named in the instruction. */
export interface RegisterOperand {
  readonly kind: "register";
  readonly register: Register;
}

/** A constant. It must fit the form's size either as a signed or as an unsigned number. */
export interface ImmediateOperand {
  readonly kind: "immediate";
  readonly value: number;
}

/**
 * A memory operand: segment:[base + index * scale + displacement].
 * With 16-bit bases the pairs of SDM 2A table 2-1 only: bx or bp, plus si or di, or one of the four alone.
 */
export interface MemoryOperand {
  readonly kind: "memory";
  /**
   * Bits accessed. May be left out when a register operand or the mnemonic tells it. 48 is a far pointer, 64 CMPXCHG8B and half
   * vectors, 80 an x87 register or BCD, 128 vectors.
   */
  readonly size?: 8 | 16 | 32 | 48 | 64 | 80 | 128;
  /** A prefix is written only if this differs from the default segment of the base register. */
  readonly segment?: SegmentRegister;
  readonly base?: Register32 | Register16;
  /** Not esp; with a 16-bit base only si or di. */
  readonly index?: Register32 | Register16;
  readonly scale?: 1 | 2 | 4 | 8;
  /** Signed or unsigned, reduced to the address size. */
  readonly displacement?: number;
  /** Bits of displacement to encode instead of the fewest possible; 16 with 16-bit addressing. */
  readonly displacementSize?: 0 | 8 | 16 | 32;
}

/** A branch target, counted from the end of the instruction. */
export interface RelativeOperand {
  readonly kind: "relative";
  readonly size: 8 | 16 | 32;
  readonly displacement: number;
}

/** The direct far pointer of CALL and JMP. */
export interface FarOperand {
  readonly kind: "far";
  readonly selector: number;
  readonly offset: number;
}

/** Any operand that an instruction can take. */
export type Operand = RegisterOperand | ImmediateOperand | MemoryOperand | RelativeOperand | FarOperand;
