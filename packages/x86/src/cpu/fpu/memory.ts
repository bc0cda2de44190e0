/** Operands of the unit in memory, as bits. */
import type { Instruction, OperandType } from "@mercury/isa";
import { how, probeWrite, readMemory, requireAlignment, writeMemory } from "../../mmu/access.ts";
import type { Core } from "../core.ts";
import { effectiveAddress, linearAddress, READ, WRITE } from "../operands.ts";
import { double, fromInteger, fromReal, single } from "./convert.ts";
import { fromDecimal } from "./decimal.ts";
import { extended, type Extended } from "./number.ts";

/** Reads bytes, lowest address first, in pieces of 4, 2 and 1; alignment is the caller's business, here and in `writeLinear`. */
export function readLinear(core: Core, linear: number, bytes: number): bigint {
  let value = 0n;
  for (let at = 0; at < bytes; at += 4) {
    const size = Math.min(bytes - at, 4);
    value |= BigInt(readMemory(core, (linear + at) | 0, size | how.part) >>> 0) << BigInt(at * 8);
  }
  return value;
}

/** Writes bytes; both pages are checked before the first is written. */
export function writeLinear(core: Core, linear: number, value: bigint, bytes: number): void {
  probeWrite(core, linear, bytes, 0);
  for (let at = 0; at < bytes; at += 4) {
    const size = Math.min(bytes - at, 4);
    writeMemory(core, (linear + at) | 0, Number((value >> BigInt(at * 8)) & 0xffffffffn), size | how.part);
  }
}

/** Linear address of an operand, whose alignment is its size, and 8 for 10 bytes (SDM 3A table 6-7). */
function operandAddress(core: Core, instruction: Instruction, bytes: number, need: number): number {
  const linear = linearAddress(core, instruction.segment, effectiveAddress(core, instruction), bytes, need);
  requireAlignment(core, linear, bytes === 10 ? 8 : bytes);
  return linear;
}

export function readBits(core: Core, instruction: Instruction, bytes: number): bigint {
  return readLinear(core, operandAddress(core, instruction, bytes, READ), bytes);
}

/** Faults as a write would. */
export function probeBits(core: Core, instruction: Instruction, bytes: number): void {
  probeWrite(core, operandAddress(core, instruction, bytes, WRITE), bytes, 0);
}

export function writeBits(core: Core, instruction: Instruction, value: bigint, bytes: number): void {
  writeLinear(core, operandAddress(core, instruction, bytes, WRITE), value, bytes);
}

interface Reader {
  readonly bytes: number;
  readonly toNumber: (bits: bigint) => Extended;
}

const integer = (bytes: number): Reader => ({ bytes, toNumber: (bits) => fromInteger(BigInt.asIntN(bytes * 8, bits)) });

const readers: Partial<Record<OperandType, Reader>> = {
  f32: { bytes: 4, toNumber: (bits) => fromReal(bits, single) },
  f64: { bytes: 8, toNumber: (bits) => fromReal(bits, double) },
  f80: { bytes: 10, toNumber: fromBits },
  bcd: { bytes: 10, toNumber: fromDecimal },
  i16: integer(2),
  i32: integer(4),
  i64: integer(8),
};

/** The number in memory that the form's first operand names. */
export function readNumber(core: Core, instruction: Instruction): Extended {
  const reader = readers[instruction.row.operands[0]?.type ?? ""];
  if (reader === undefined) throw new TypeError(`${instruction.row.mnemonic} ${instruction.row.opcode} has no number in memory`);
  return reader.toNumber(readBits(core, instruction, reader.bytes));
}

/** The 80 bits of a register. */
export const toBits = ({ sign, exponent, significand }: Extended): bigint => (BigInt((sign << 15) | exponent) << 64n) | significand;

export function fromBits(bits: bigint): Extended {
  const top = Number(bits >> 64n);
  return extended(top >> 15, top & 0x7fff, BigInt.asUintN(64, bits));
}
