import type { Instruction } from "./instruction.ts";
import type { MemoryOperand } from "./operand.ts";
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

const pointerNames: Readonly<Record<number, string>> = {
  8: "byte",
  16: "word",
  32: "dword",
  48: "fword",
  64: "qword",
  80: "tbyte",
  128: "xmmword",
};

/**
 * An instruction in the SDM's syntax: `mov dword ptr [eax+ecx*4+0x10], 0x5`.
 * @param next address of the following instruction
 */
export function intel(instruction: Instruction, bits: 16 | 32, next: number): string {
  const operands = shownOperands(instruction).map((shown) => operandText(instruction, shown, next));
  return `${prefixText(instruction, bits)}${spelled(instruction, bits)} ${operands.join(", ")}`.trimEnd();
}

/** Far jumps and calls show by their operand that they are far; a pointer of 32 bits alone looks like a near one. */
function spelled(instruction: Instruction, bits: 16 | 32): string {
  const name = nameOf(instruction);
  if (needsSuffix(instruction, bits)) return name + (instruction.operandSize === 16 ? "w" : "d");
  if (name !== "jmpf" && name !== "callf") return name;
  return name.slice(0, -1) + (instruction.memory && instruction.operandSize === 16 ? " far" : "");
}

function operandText(instruction: Instruction, shown: Shown, next: number): string {
  const { operand } = shown;
  switch (operand.kind) {
    case "register":
      return registerText(shown);
    case "immediate":
      return immediateText(shown, instruction.operandSize);
    case "relative":
      return targetText(instruction, next);
    case "far":
      return `${unsignedHex(operand.selector, 16)}:${unsignedHex(operand.offset, instruction.operandSize)}`;
    case "memory":
      return pointerText(shown) + memoryText(operand, instruction.addressSize);
  }
}

/** A pseudo-descriptor has a size, but no name in the assemblers. */
function pointerText({ form, operand }: Shown): string {
  const size = operand.kind === "memory" && form.type !== "s" ? operand.size : undefined;
  return size === undefined ? "" : `${pointerNames[size] ?? ""} ptr `;
}

function memoryText(operand: MemoryOperand, addressSize: 16 | 32): string {
  const { segment, base, index, scale, displacement = 0 } = operand;
  const times = base === undefined || (scale ?? 1) !== 1 ? `*${scale ?? 1}` : "";
  const registers = [base, index === undefined ? undefined : index + times].filter((part) => part !== undefined);
  const offset =
    registers.length === 0
      ? unsignedHex(displacement, addressSize)
      : displacement === 0
        ? ""
        : `${displacement < 0 ? "" : "+"}${signedHex(displacement)}`;
  return `${segment === undefined ? "" : `${segment}:`}[${registers.join("+")}${offset}]`;
}
