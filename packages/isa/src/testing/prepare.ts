import type { Instruction } from "../instruction.ts";
import type { Random } from "./random.ts";
import type { State } from "./trial.ts";

/**
 * Changes a random state so that the instruction neither faults nor leaves the trial's memory, and so that the
 * interesting cases come up: equal operands, small counts, quotients that fit.
 * @param address of the operand in memory
 */
export function prepare(instruction: Instruction, state: State, address: number, random: Random): State {
  const { mnemonic, repeatable, operands } = instruction.row;
  const count = random.below(2) === 0 ? random.below(34) : random.word();
  if (repeatable !== "no") return { ...state, edi: address + 4 * (random.below(3) - 1), ecx: random.below(4) };
  if (/^i?div$/.test(mnemonic)) return dividing(instruction, state, random);
  if (mnemonic.startsWith("bt") && instruction.memory) return bitOffsets(state, random);
  // A double shift of a word by more than 16 is undefined (SDM 2B "SHLD").
  if (/^sh[lr]d$/.test(mnemonic) && instruction.operandSize === 16) return { ...state, ecx: random.below(16) };
  if (mnemonic.startsWith("cmpxchg") && random.below(2) === 0) return comparingEqual(instruction, state);
  if (mnemonic === "xlat") return { ...state, ebx: address - 16, eax: (state.eax & ~0xff) | random.below(32) };
  if (mnemonic === "leave") return { ...state, ebp: address };
  if (/^(loop|jecxz)/.test(mnemonic)) return { ...state, ecx: random.below(3) };
  if (operands.some(({ code }) => code === "CL")) return { ...state, ecx: ((state.ecx & ~0xff) | (count & 0xff)) >>> 0 };
  return random.below(4) === 0 ? { ...state, ebx: state.eax, ecx: state.eax } : state;
}

/** The dividend's upper half is less than the divisor or, signed, the sign of the lower; the divisor is 2 or more, or -2 or less. */
function dividing({ row, operandSize }: Instruction, state: State, random: Random): State {
  const isSigned = row.mnemonic === "idiv";
  const size = row.operands[0]?.type === "b" ? 8 : operandSize;
  let divisor = 0;
  while (Math.abs(signed(divisor, size)) < 2) divisor = random.word();
  const low = random.next();
  const high = isSigned ? signed(low, size) >> 31 : random.below(unsigned(divisor, size));
  const places = { ebx: divisor, ecx: divisor, memory: state.memory.map(() => divisor) };
  if (size === 8) return { ...state, ...places, eax: ((low & 0xffff_00ff) | ((high & 0xff) << 8)) >>> 0 };
  return { ...state, ...places, eax: low, edx: high >>> 0 };
}

const signed = (value: number, size: number): number => (value << (32 - size)) >> (32 - size);
const unsigned = (value: number, size: number): number => (value << (32 - size)) >>> (32 - size);

/** A register offset within the memory of the trial, either way. */
function bitOffsets(state: State, random: Random): State {
  const offset = (): number => (random.below(400) - 200) >>> 0;
  return { ...state, eax: offset(), ecx: offset(), edx: offset(), ebx: offset() };
}

/** The accumulator equal to whatever operand it is compared with. */
function comparingEqual({ memory }: Instruction, state: State): State {
  const value = state.eax;
  return memory ? { ...state, edx: value, memory: state.memory.map(() => value) } : { ...state, ebx: value, edx: value, ecx: value };
}
