import type { Instruction } from "./instruction.ts";
import type { Mnemonic } from "../tables/mnemonic.ts";
import type { MemoryOperand } from "./operand.ts";
import { vectorClass } from "./method.ts";
import type { OperandForm, OperandType } from "./row.ts";
import {
  immediateText,
  nameOf,
  needsSuffix,
  prefixText,
  registerText,
  type Shown,
  shownOperands,
  signedHex,
  targetText,
  unsignedHex,
} from "./text.ts";

/** Names of the GNU assembler that are not the SDM's (Using as, 9.16.3). */
const names: Partial<Record<Mnemonic, string>> = {
  cbw: "cbtw",
  cwde: "cwtl",
  cwd: "cwtd",
  cdq: "cltd",
  callf: "lcall",
  jmpf: "ljmp",
  retf: "lret",
  movsd: "movsl",
  cmpsd: "cmpsl",
  scasd: "scasl",
  lodsd: "lodsl",
  stosd: "stosl",
  insd: "insl",
  outsd: "outsl",
  pushad: "pushal",
  popad: "popal",
  pushfd: "pushfl",
  popfd: "popfl",
  iretd: "iretl",
};

/** Suffixes of the x87 unit's operands in memory (Using as, 9.16.13). */
const floatSuffixes: Partial<Record<OperandType, string>> = { f32: "s", f64: "l", f80: "t", i16: "s", i32: "l", i64: "ll" };
/** The environment of 14 bytes in 32-bit code, and that of 28 in 16-bit code. */
const environmentSuffixes = { 16: "s", 32: "l" } as const;

const suffixes: Readonly<Record<number, string>> = { 8: "b", 16: "w", 32: "l" };

/**
 * An instruction in the syntax of the GNU assembler: `movl $0x5, 0x10(%eax,%ecx,4)`.
 * @param next address of the following instruction
 */
export function att(instruction: Instruction, bits: 16 | 32, next: number): string {
  const shown = shownOperands(instruction);
  const texts = shown.map((one) => operandText(instruction, one, next));
  // ENTER and BOUND keep the order of Intel's syntax, as the assembler does.
  const keepsOrder = instruction.row.mnemonic === "enter" || instruction.row.mnemonic === "bound";
  const operands = keepsOrder ? texts : texts.toReversed();
  return `${prefixText(instruction, bits)}${mnemonicText(instruction, shown, bits)} ${operands.join(", ")}`.trimEnd();
}

function mnemonicText(instruction: Instruction, shown: readonly Shown[], bits: 16 | 32): string {
  const { row, operandSize } = instruction;
  if (row.mnemonic === "movzx" || row.mnemonic === "movsx") {
    const source = row.operands[1]?.type === "b" ? "b" : "w";
    return `${row.mnemonic.slice(0, 4)}${source}${suffixes[operandSize] ?? ""}`;
  }
  const name = nameOf(instruction);
  if (row.feature === "x87") return floatName(instruction, shown, bits);
  // The names of MOVS and CMPS are those of scalar moves and comparisons, too.
  if (row.operands.some(({ method }) => vectorClass(method) !== undefined)) return name;
  return (names[name] ?? name) + (row.sizeNames[32] === undefined ? suffix(instruction, shown, bits) : "");
}

/** The assembler exchanges the reversed and the plain names where the destination is ST(i) (Using as, 9.16.16). */
function floatName(instruction: Instruction, shown: readonly Shown[], bits: 16 | 32): string {
  const { row, operandSize } = instruction;
  const type = shown[0]?.form.type ?? "";
  if (type === "env" || type === "state") return row.mnemonic + (operandSize === bits ? "" : environmentSuffixes[operandSize]);
  const match = /^(fsub|fdiv)(r?)(p?)$/.exec(row.mnemonic);
  if (match === null || row.operands[0]?.method !== "R") return row.mnemonic + (floatSuffixes[type] ?? "");
  return `${match[1]}${match[2] === "r" ? "" : "r"}${match[3]}`;
}

/** The size, where no register operand tells it. */
function suffix(instruction: Instruction, shown: readonly Shown[], bits: 16 | 32): string {
  const { row, operandSize } = instruction;
  if (shown.some(({ form, operand }) => operand.kind === "register" && tellsSize(form))) return "";
  const memory = shown.find(({ operand }) => operand.kind === "memory");
  if (memory?.form.type === "b" && !row.mnemonic.startsWith("set")) return "b";
  const isPointer = memory !== undefined && isBranch(instruction);
  const needed = isPointer ? operandSize !== bits : memory?.form.type === "v" || needsSuffix(instruction, bits);
  return needed ? (suffixes[operandSize] ?? "") : "";
}

/** The accumulator does; CL is a count, DX a port, and a segment register is pushed at any size. */
function tellsSize({ method, code, type }: OperandForm): boolean {
  return method !== "fixed" || type === "v" || type === "z" || code === "AL";
}

function operandText(instruction: Instruction, shown: Shown, next: number): string {
  const { operand, form } = shown;
  const indirect = isBranch(instruction) ? "*" : "";
  switch (operand.kind) {
    case "register":
      return form.code === "DX" ? "(%dx)" : `${indirect}%${registerText(shown)}`;
    case "immediate":
      return `$${immediateText(shown, instruction.operandSize)}`;
    case "relative":
      return targetText(instruction, next);
    case "far":
      return `$${unsignedHex(operand.selector, 16)},$${unsignedHex(operand.offset, instruction.operandSize)}`;
    case "memory":
      return indirect + memoryText(operand, instruction.addressSize);
  }
}

/** Near and far jumps and calls mark an indirect target with a star. */
function isBranch({ row }: Instruction): boolean {
  return row.mnemonic === "jmp" || row.mnemonic === "call" || row.mnemonic === "jmpf" || row.mnemonic === "callf";
}

function memoryText(operand: MemoryOperand, addressSize: 16 | 32): string {
  const { segment, base, index, scale, displacement = 0 } = operand;
  const prefix = segment === undefined ? "" : `%${segment}:`;
  if (base === undefined && index === undefined) return prefix + unsignedHex(displacement, addressSize);
  const offset = displacement === 0 ? "" : signedHex(displacement);
  const registers = [base === undefined ? "" : `%${base}`];
  if (index !== undefined) registers.push(`%${index}`, ...(addressSize === 16 ? [] : [String(scale ?? 1)]));
  return `${prefix}${offset}(${registers.join(",")})`;
}
