import type { Instruction } from "../src/instruction.ts";
import type { Operand } from "../src/operand.ts";
import { operandsOf, sizeOf } from "../src/operands.ts";
import { segmentRegisters } from "../src/register.ts";
import type { OperandForm } from "../src/row.ts";
import { nameOf } from "../src/text.ts";

/**
 * What an instruction does, as text that is equal for all encodings of it: name, prefixes that matter,
 * operands without the sizes of displacements and immediates.
 */
export function meaning(instruction: Instruction): string {
  const { row, lock, repeat } = instruction;
  const operands = operandsOf(instruction).map((operand, at) => describe(instruction, operand, row.operands[at]));
  const ordered = row.commutes ? operands.toSorted() : operands;
  // Exchanging the accumulator with itself is NOP, down to the encoding (SDM 2B NOP).
  const idle = row.mnemonic === "xchg" && !lock && operands.every((operand) => operand === "ax" || operand === "eax");
  if (idle || (row.mnemonic === "nop" && operands.length === 0)) return "nop";
  return [
    lock ? "lock" : "",
    row.repeatable === "no" ? "" : repeat,
    nameOf(instruction),
    row.usesOperandSize ? instruction.operandSize : "",
    row.namesByAddressSize || row.mnemonic.startsWith("loop") || row.mnemonic === "xlat" ? instruction.addressSize : "",
    row.mnemonic === "xlat" ? segmentRegisters[instruction.segment] : "",
    ...ordered,
  ]
    .filter((part) => part !== "" && part !== "none")
    .join(" ");
}

function describe(instruction: Instruction, operand: Operand, form: OperandForm | undefined): string {
  switch (operand.kind) {
    case "register":
      return form?.code === "Ew" && instruction.row.anyWidth ? `word${instruction.rm}` : operand.register;
    case "immediate": {
      const size = Math.min(sizeOf(form?.type ?? "", instruction.operandSize) ?? 32, 32);
      return `#${operand.value & (size === 32 ? -1 : (1 << size) - 1)}`;
    }
    case "memory": {
      const { size, base, index, scale, displacement = 0 } = operand;
      const where = [base, index === undefined ? undefined : `${index}*${scale ?? 1}`, displacement | 0];
      const segment = form?.method === "Y" ? "es" : segmentRegisters[instruction.segment];
      return `${size ?? ""}${segment}:${instruction.addressSize}[${where.filter((part) => part !== undefined).join("+")}]`;
    }
    case "relative":
      return `.${operand.displacement}`;
    case "far":
      return `${operand.selector}:${operand.offset}`;
  }
}
