import type { Instruction } from "./instruction.ts";
import type { MemoryOperand } from "./operand.ts";
import { immediateText, nameOf, prefixText, type Shown, shownOperands, signedHex, targetText, unsignedHex } from "./text.ts";

const pointerNames: Readonly<Record<number, string>> = { 8: "byte", 16: "word", 32: "dword", 48: "fword", 64: "qword" };

/**
 * An instruction in the SDM's syntax: `mov dword ptr [eax+ecx*4+0x10], 0x5`.
 * @param next address of the following instruction
 */
export function intel(instruction: Instruction, bits: 16 | 32, next: number): string {
  const operands = shownOperands(instruction).map((shown) => operandText(instruction, shown, next));
  const name = nameOf(instruction);
  const spelled = name === "jmpf" ? "jmp far" : name === "callf" ? "call far" : name;
  return `${prefixText(instruction, bits)}${spelled} ${operands.join(", ")}`.trimEnd();
}

function operandText(instruction: Instruction, shown: Shown, next: number): string {
  const { operand } = shown;
  switch (operand.kind) {
    case "register":
      return operand.register;
    case "immediate":
      return immediateText(shown, instruction.operandSize);
    case "relative":
      return targetText(instruction, next);
    case "far":
      return `${unsignedHex(operand.selector, 16)}:${unsignedHex(operand.offset, instruction.operandSize)}`;
    case "memory":
      return memoryText(operand, instruction.addressSize);
  }
}

function memoryText(operand: MemoryOperand, addressSize: 16 | 32): string {
  const { size, segment, base, index, scale, displacement = 0 } = operand;
  const pointer = size === undefined ? "" : `${pointerNames[size] ?? ""} ptr `;
  const registers = [base, index === undefined ? undefined : scaled(index, scale ?? 1)].filter((part) => part !== undefined);
  const offset =
    registers.length === 0
      ? unsignedHex(displacement, addressSize)
      : displacement === 0
        ? ""
        : `${displacement < 0 ? "" : "+"}${signedHex(displacement)}`;
  return `${pointer}${segment === undefined ? "" : `${segment}:`}[${registers.join("+")}${offset}]`;
}

function scaled(index: string, scale: number): string {
  return scale === 1 ? index : `${index}*${scale}`;
}
