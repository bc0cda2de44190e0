import { decode } from "../src/decode.ts";
import type { Syntax } from "../src/disassemble.ts";
import type { Instruction } from "../src/instruction.ts";
import type { Row } from "../src/row.ts";
import { rows } from "../src/rows.ts";

/** Bytes of one instruction of a row, and what they decode to. */
export interface Instance {
  readonly row: Row;
  readonly bytes: Uint8Array;
  readonly instruction: Instruction;
}

/** ModRM and SIB bytes that reach every addressing form once. */
const addresses: readonly (readonly number[])[] = [
  [0x00],
  [0x01],
  [0x03],
  [0x06],
  [0x07],
  [0x05],
  [0x45],
  [0x85],
  [0x41],
  [0x82],
  [0x04, 0x24],
  [0x04, 0x0d],
  [0x04, 0x25],
  [0x04, 0xcb],
  [0x04, 0x75],
  [0x44, 0x24],
  [0x44, 0x91],
  [0x84, 0x24],
  [0x84, 0xbd],
  [0x46],
  [0x86],
  [0xc0],
  [0xc1],
  [0xc6],
  [0xc7],
];

const fillers: readonly (readonly number[])[] = [
  [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x08],
  [0x80, 0xff, 0xff, 0xff, 0xf0, 0xff, 0x9a, 0x80],
  [0x7f, 0x00, 0x00, 0x80, 0x01, 0x00, 0x00, 0x00],
];

const prefixes: readonly (readonly number[])[] = [[], [0x66], [0x67], [0x65], [0x66, 0x67, 0x2e]];

/** Instances of every row: addressing forms, constants, operand and address sizes, segment overrides. */
export function* instances(bits: 16 | 32): Generator<Instance> {
  for (const row of rows) yield* instancesOf(row, bits);
}

function* instancesOf(row: Row, bits: 16 | 32): Generator<Instance> {
  for (const [turn, prefix] of prefixes.entries()) {
    for (const tail of tailsOf(row)) {
      const filler = fillers[turn % fillers.length] ?? [];
      const bytes = Uint8Array.from([...prefix, ...opcodeBytes(row, turn), ...tail, ...filler, ...filler]);
      const instruction = decode(bytes, 0, bits);
      if (!instruction.ok || instruction.row !== row) continue;
      yield { row, bytes: bytes.slice(0, instruction.length), instruction };
    }
  }
}

function opcodeBytes(row: Row, turn: number): readonly number[] {
  const byte = row.plusRegister ? row.opcodeByte + ((turn * 3 + 1) % 8) : row.opcodeByte;
  return [...(row.mandatoryPrefix === 0 ? [] : [row.mandatoryPrefix]), ...(row.map === 1 ? [0x0f] : []), byte];
}

function tailsOf(row: Row): readonly (readonly number[])[] {
  if (!row.hasModrm) return [[]];
  if (row.rm >= 0) return [[0xc0 | (row.digit << 3) | row.rm]];
  return addresses.map(([modrm = 0, ...sib], at) => {
    const reg = row.digit >= 0 ? row.digit : registerOf(row, at);
    return [(modrm & 0xc7) | (reg << 3), ...sib];
  });
}

/** A register that the row has; another one at each turn. */
function registerOf(row: Row, turn: number): number {
  const existing = [0, 1, 2, 3, 4, 5, 6, 7].filter((number) => (row.regMask & (1 << number)) !== 0);
  return existing[turn % existing.length] ?? 0;
}

/**
 * What the assembler has no words for: SALC, instructions of the 8087 and 80287 that do nothing, BSWAP of a word, MOVZX and MOVSX
 * from word to word, the operand size prefix before scalar SSE (it has no effect),
 * branches to a constant with prefixes (it measures the target from behind them, or drops them). Its Intel syntax
 * also takes `dword ptr` of a branch in 16-bit code for a far pointer.
 */
export function hasWords({ row, instruction, bytes }: Instance, bits: 16 | 32, syntax: Syntax): boolean {
  if (/^(salc|fneni|fndisi|fnsetpm)$/.test(row.mnemonic)) return false;
  // `fsub %st, %st(0)` is the form that has ST(0) as its destination, under whichever name.
  if (syntax === "att" && row.opcodeByte === 0xdc && row.digit >= 4 && instruction.mod === 3 && instruction.rm === 0) return false;
  const methods = row.operands.map(({ method }) => method);
  const wordOnly = row.mnemonic === "bswap" || (/^mov[zs]x$/.test(row.mnemonic) && row.operands[1]?.type === "w");
  if (wordOnly && instruction.operandSize === 16) return false;
  if (methods.includes("J") || methods.includes("A")) return bytes[0] === row.opcodeByte || bytes[0] === 0x0f;
  if (row.mandatoryPrefix > 0x66 && row.hasModrm && instruction.operandSize !== bits) return false;
  if (syntax === "att" || !instruction.memory || !/^(jmp|call)/.test(row.mnemonic)) return true;
  return instruction.operandSize === bits && (row.flow !== "far" || bits === 32);
}
