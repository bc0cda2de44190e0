import { position, put, put8 } from "./emit.ts";
import type { EncodeOptions, Field } from "./encoded.ts";
import { EncodeError } from "./errors.ts";
import { fits, isSignedByte } from "./match.ts";
import type { MemoryOperand } from "./operand.ts";
import { type RegisterInfo, registerInfo } from "./register.ts";

/** Base or index absent. */
const NONE = -1;
const ESP = 4;
const EBP = 5;
const BP = 5;

/** Address size of a memory operand: that of its registers, else of its displacement, else of the code segment. */
export function addressSizeOf(memory: MemoryOperand, bits: 16 | 32): 16 | 32 {
  const register = memory.base ?? memory.index;
  if (register !== undefined) return registerInfo.get(register)?.class === "general16" ? 16 : 32;
  if (memory.displacementSize === 16 || memory.displacementSize === 32) return memory.displacementSize;
  return bits === 16 && fits(memory.displacement ?? 0, 16) ? 16 : 32;
}

/** Segment of a memory operand without a prefix: SS for stack-relative bases, else DS (SDM 1 table 3-5). */
export function defaultSegment(memory: MemoryOperand): "ss" | "ds" {
  return memory.base === "esp" || memory.base === "ebp" || memory.base === "bp" ? "ss" : "ds";
}

/**
 * Writes ModRM, SIB and displacement (SDM 2A tables 2-1 to 2-3).
 * @returns where the displacement stands, if there is one
 * @throws EncodeError if no ModRM says this address
 */
export function putAddress(memory: MemoryOperand, reg: number, size: 16 | 32, options: EncodeOptions): Field | undefined {
  const base = numberOf(memory.base, size);
  const index = numberOf(memory.index, size);
  const displacement = memory.displacement ?? 0;
  if (!fits(displacement, size)) throw new EncodeError(`displacement ${displacement} does not fit ${size} bits`);
  const signed = size === 16 ? (displacement << 16) >> 16 : displacement | 0;
  return size === 16 ? putAddress16(memory, reg, base, index, signed, options) : putAddress32(memory, reg, base, index, signed, options);
}

function putAddress32(
  memory: MemoryOperand,
  reg: number,
  base: number,
  index: number,
  displacement: number,
  options: EncodeOptions,
): Field | undefined {
  if (index === ESP) throw new EncodeError("esp cannot be an index: SIB.index 100 means none");
  const bytes = base === NONE ? 4 : displacementBytes(memory, displacement, base === EBP, 4, options);
  const mod = base === NONE ? 0 : modOf(bytes);
  if (index === NONE && base !== ESP) {
    put8((mod << 6) | (reg << 3) | (base === NONE ? 5 : base));
  } else {
    put8((mod << 6) | (reg << 3) | 4);
    put8((scaleBits(memory.scale ?? 1) << 6) | ((index === NONE ? 4 : index) << 3) | (base === NONE ? 5 : base));
  }
  return putDisplacement(displacement, bytes);
}

/** ModRM.rm by base and index number: BX 3, BP 5, SI 6, DI 7. */
const rm16: Readonly<Record<string, number>> = {
  "3,6": 0,
  "3,7": 1,
  "5,6": 2,
  "5,7": 3,
  "6,-1": 4,
  "7,-1": 5,
  "5,-1": 6,
  "3,-1": 7,
};

function putAddress16(
  memory: MemoryOperand,
  reg: number,
  base: number,
  index: number,
  displacement: number,
  options: EncodeOptions,
): Field | undefined {
  const none = base === NONE && index === NONE;
  const rm = none ? 6 : rm16[`${base},${index}`];
  if (rm === undefined || (memory.scale ?? 1) !== 1) {
    throw new EncodeError(
      `no 16-bit address is ${memory.base ?? ""}+${memory.index ?? ""}: bx or bp, plus si or di, or one of the four, unscaled`,
    );
  }
  const bytes = none ? 2 : displacementBytes(memory, displacement, base === BP && index === NONE, 2, options);
  put8(((none ? 0 : modOf(bytes)) << 6) | (reg << 3) | rm);
  return putDisplacement(displacement, bytes);
}

/** Number of a register of the address size, or none. */
function numberOf(register: MemoryOperand["base"], size: 16 | 32): number {
  if (register === undefined) return NONE;
  const info: RegisterInfo | undefined = registerInfo.get(register);
  if (info?.class !== (size === 16 ? "general16" : "general32")) {
    throw new EncodeError(`${register} cannot be part of a ${size}-bit address`);
  }
  return info.number;
}

function scaleBits(scale: 1 | 2 | 4 | 8): number {
  return 31 - Math.clz32(scale);
}

function modOf(bytes: number): number {
  return bytes === 0 ? 0 : bytes === 1 ? 1 : 2;
}

/**
 * Bytes of displacement to write after a base register.
 * @param needed the base has no form without displacement
 * @param full bytes of the longest
 */
function displacementBytes(memory: MemoryOperand, value: number, needed: boolean, full: 2 | 4, options: EncodeOptions): number {
  if (memory.displacementSize !== undefined) return askedBytes(memory.displacementSize / 8, value, needed, full);
  if (options.shortest === false && memory.displacement !== undefined) return full;
  if (value === 0 && !needed) return 0;
  return isSignedByte(value) ? 1 : full;
}

function askedBytes(bytes: number, value: number, needed: boolean, full: 2 | 4): number {
  const fitting = bytes === 0 ? value === 0 && !needed : bytes === 1 ? isSignedByte(value) : bytes === full;
  if (!fitting) throw new EncodeError(`displacement ${value} cannot be encoded in ${bytes * 8} bits here`);
  return bytes;
}

function putDisplacement(value: number, bytes: number): Field | undefined {
  if (bytes === 0) return undefined;
  const offset = position();
  put(value, bytes);
  return { offset, size: bytes };
}
