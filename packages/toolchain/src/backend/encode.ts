import {
  encode,
  type Encoded,
  type Mnemonic,
  type MemoryOperand as IsaMemory,
  type Operand as IsaOperand,
  type Register,
  registers16,
  registers32,
  registers8,
} from "@mercury/isa";
import type { Relocation } from "../object.ts";
import { incomingOffset, slotOffset, type Frame } from "./frame.ts";
import { esp, type Instruction, type Operand, type Reg } from "./mir.ts";

/** Machine code of one instruction; offsets of relocations count from its first byte. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly relocations: readonly Relocation[];
}

/** Names that selection gives to forms of one mnemonic. */
const mnemonics: Readonly<Record<string, Mnemonic>> = { imul3: "imul", imul1: "imul", mul1: "mul" };
/** Position of a count operand, which in a register is CL. */
const counts: Readonly<Record<string, number>> = { shl: 1, shr: 1, sar: 1, rol: 1, ror: 1, shld: 2, shrd: 2 };
const names: Readonly<Record<8 | 16 | 32, readonly Register[]>> = { 8: registers8, 16: registers16, 32: registers32 };

export function registerName(reg: Reg, size: 8 | 16 | 32): Register {
  const name = names[size][reg];
  // AH to BH stand at 4 to 7 of the byte registers and are never meant.
  if (name === undefined || (size === 8 && reg >= 4)) throw new RangeError(`register ${reg} has no name of ${size} bits`);
  return name;
}

/** Encodes an allocated instruction that is no jump. `depth` is what is pushed beyond the frame. */
export function encodeInstruction(instruction: Instruction, frame: Frame, depth: number): Chunk {
  if (instruction.bytes) return { bytes: instruction.bytes, relocations: instruction.relocations };
  if (instruction.mnemonic === "callSymbol") return callSymbol(instruction.symbol ?? "");
  const mnemonic = mnemonics[instruction.mnemonic] ?? (instruction.mnemonic as Mnemonic); // the encoder refuses what is none
  const operands = instruction.operands.map((operand, position) => toIsa(operand, instruction, position, frame, depth));
  const symbolic = instruction.operands.some((operand) => operand.kind === "immediate" && operand.symbol !== null);
  const encoded = encode(mnemonic, operands, { lock: instruction.lock, ...(symbolic ? { shortest: false } : {}) });
  return { bytes: encoded.bytes, relocations: relocationsOf(instruction, encoded) };
}

function callSymbol(target: string): Chunk {
  const encoded = encode("call", [{ kind: "relative", size: 32, displacement: 0 }]);
  return { bytes: encoded.bytes, relocations: [{ offset: encoded.immediate?.offset ?? 1, kind: "relative", target, addend: 0 }] };
}

function relocationsOf(instruction: Instruction, encoded: Encoded): Relocation[] {
  return instruction.operands.flatMap((operand): Relocation[] => {
    if (operand.kind === "memory" && operand.symbol !== null) {
      return [{ offset: encoded.displacement?.offset ?? 0, kind: "absolute", target: operand.symbol, addend: operand.displacement }];
    }
    if (operand.kind === "immediate" && operand.symbol !== null) {
      return [{ offset: encoded.immediate?.offset ?? 0, kind: "absolute", target: operand.symbol, addend: operand.value }];
    }
    return [];
  });
}

function sizeOf(instruction: Instruction, position: number): 8 | 16 | 32 {
  const { mnemonic } = instruction;
  if (counts[mnemonic] === position || mnemonic.startsWith("set")) return 8;
  if (position === 0 && (mnemonic === "movzx" || mnemonic === "movsx")) return 32;
  return instruction.size;
}

function toIsa(operand: Operand, instruction: Instruction, position: number, frame: Frame, depth: number): IsaOperand {
  const size = sizeOf(instruction, position);
  switch (operand.kind) {
    case "register":
      return { kind: "register", register: registerName(operand.reg, size) };
    case "fixed":
      return { kind: "register", register: operand.register };
    case "immediate":
      return { kind: "immediate", value: operand.value };
    case "slot":
      return { kind: "memory", size, base: "esp", displacement: slotOffset(operand.slot, depth) };
    case "incoming":
      return { kind: "memory", size, base: "esp", displacement: incomingOffset(frame, operand.offset, depth) };
    case "memory":
      return memoryOperand(operand, instruction.roles[position] === "address" ? null : size);
  }
}

function memoryOperand(operand: Extract<Operand, { kind: "memory" }>, size: 8 | 16 | 32 | null): IsaMemory {
  const symbolic = operand.symbol !== null;
  return {
    kind: "memory",
    displacement: symbolic ? 0 : operand.displacement,
    ...(symbolic ? { displacementSize: 32 } : {}),
    ...(size === null ? {} : { size }),
    ...(operand.base === null ? {} : { base: registers32[operand.base] ?? "esp" }),
    ...(operand.index === null ? {} : { index: registers32[operand.index] ?? "eax", scale: operand.scale }),
    ...(operand.segment ? { segment: operand.segment } : {}),
  };
}

/** Pushes the saved registers and makes room for the slots. */
export function prologue(frame: Frame): Uint8Array[] {
  const pushes = frame.saved.map((reg) => encode("push", [{ kind: "register", register: registerName(reg, 32) }]).bytes);
  return frame.locals === 0 ? pushes : [...pushes, adjust("sub", frame.locals)];
}

/** Undoes the prologue and returns, removing `incoming` bytes of parameters. */
export function epilogue(frame: Frame, incoming: number): Uint8Array[] {
  const pops = [...frame.saved].reverse().map((reg) => encode("pop", [{ kind: "register", register: registerName(reg, 32) }]).bytes);
  const leave = encode("ret", incoming === 0 ? [] : [{ kind: "immediate", value: incoming }]).bytes;
  return [...(frame.locals === 0 ? [] : [adjust("add", frame.locals)]), ...pops, leave];
}

function adjust(mnemonic: "add" | "sub", bytes: number): Uint8Array {
  return encode(mnemonic, [
    { kind: "register", register: registerName(esp, 32) },
    { kind: "immediate", value: bytes },
  ]).bytes;
}
