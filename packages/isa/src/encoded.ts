/** Choices that operands do not tell. */
export interface EncodeOptions {
  /** Code segment default, CS.D: 32 unless given. */
  readonly bits?: 16 | 32;
  /** Operand size where no operand has one (`pushf`, `ret`, `push` of an immediate); the default is {@link bits}. */
  readonly operandSize?: 16 | 32;
  readonly lock?: boolean;
  readonly repeat?: "rep" | "repne";
  /** Written verbatim before everything else: segment prefixes that stretch a patchable instruction. */
  readonly ignoredPrefixes?: readonly number[];
  /**
   * Take the shortest form (sign-extended bytes, accumulator and `+r` forms). True unless given;
   * false takes the longest immediate and displacement, so that a field can hold any later value.
   */
  readonly shortest?: boolean;
}

/** Where a value stands in the bytes of an instruction. */
export interface Field {
  /** From the first byte of the instruction, prefixes included. */
  readonly offset: number;
  /** In bytes: 1, 2 or 4. */
  readonly size: number;
}

/** An encoded instruction and the places that a relocation may want to fill in. */
export interface Encoded {
  readonly bytes: Uint8Array;
  /** Displacement of the memory operand. */
  readonly displacement?: Field;
  /** The (first) immediate, relative target or far offset. */
  readonly immediate?: Field;
}
