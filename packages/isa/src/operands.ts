import type { Instruction } from "./instruction.ts";
import type { MemoryOperand, Operand } from "./operand.ts";
import {
  controlRegisters,
  debugRegisters,
  type Register,
  registers16,
  registers32,
  mmxRegisters,
  registers8,
  xmmRegisters,
  type SegmentRegister,
  segmentRegisters,
  stackRegisters,
} from "./register.ts";
import { vectorClass } from "./method.ts";
import type { Method, OperandForm, OperandType } from "./row.ts";

const ES = 0;
const SI = 6;
const DI = 7;

/**
 * The operands of a decoded instruction in the order of its row, implied string operands included: what
 * `encode` takes, and what the disassembler prints.
 */
export function operandsOf(instruction: Instruction): readonly Operand[] {
  return instruction.row.operands.map((form, position) => operandOf(instruction, form, position));
}

function operandOf(instruction: Instruction, form: OperandForm, position: number): Operand {
  switch (form.method) {
    case "E":
    case "M":
    case "R":
      return instruction.mod === 3 ? general(instruction, form.type, instruction.rm) : byModrm(instruction, form.type);
    case "Q":
    case "N":
    case "W":
    case "U":
      return instruction.mod === 3 ? vector(form.method, instruction.rm) : byModrm(instruction, form.type);
    case "P":
    case "V":
      return vector(form.method, instruction.reg);
    case "G":
    case "Z":
      return general(instruction, form.type, instruction.reg);
    case "S":
      return named(segmentRegisters[instruction.reg]);
    case "C":
      return named(controlRegisters[instruction.reg]);
    case "D":
      return named(debugRegisters[instruction.reg]);
    case "I": {
      const second = position > 0 && instruction.row.operands[position - 1]?.method === "I";
      return { kind: "immediate", value: second ? instruction.immediate2 : instruction.immediate };
    }
    case "J":
      return {
        kind: "relative",
        size: form.type === "b" ? 8 : instruction.operandSize,
        displacement: instruction.immediate,
      };
    case "A":
      return { kind: "far", selector: instruction.immediate2, offset: instruction.immediate >>> 0 };
    case "O":
      return byOffset(instruction, form.type);
    case "X":
      return byRegister(instruction, form.type, SI, instruction.segmentOverride);
    case "Y":
      return byRegister(instruction, form.type, DI, ES);
    case "fixed":
      return fixed(instruction, form);
  }
}

/** Bits of an operand type under an operand size; undefined where the operand is an address without a size. */
export function sizeOf(type: OperandType, operandSize: 16 | 32): 8 | 16 | 32 | 48 | 64 | 80 | 128 | undefined {
  switch (type) {
    case "b":
      return 8;
    case "w":
    case "i16":
      return 16;
    case "d":
    case "f32":
    case "i32":
    case "ss":
      return 32;
    case "q":
    case "f64":
    case "i64":
    case "sd":
    case "pi":
      return 64;
    case "f80":
    case "bcd":
    case "st":
      return 80;
    case "dq":
    case "ps":
    case "pd":
      return 128;
    case "s":
      return 48;
    case "p":
      return operandSize === 16 ? 32 : 48;
    case "a":
      return operandSize === 16 ? 32 : 64;
    case "v":
    case "z":
    case "bs":
      return operandSize;
    case "env":
    case "state":
    case "":
      return undefined;
  }
}

function general(instruction: Instruction, type: OperandType, number: number): Operand {
  if (type === "st") return named(stackRegisters[number]);
  const size = sizeOf(type, instruction.operandSize);
  return named((size === 8 ? registers8 : size === 16 ? registers16 : registers32)[number]);
}

function vector(method: Method, number: number): Operand {
  return named((vectorClass(method) === "mmx" ? mmxRegisters : xmmRegisters)[number]);
}

function named(register: Register | undefined): Operand {
  if (register === undefined) throw new RangeError("register number above 7");
  return { kind: "register", register };
}

function fixed(instruction: Instruction, form: OperandForm): Operand {
  if (form.register === undefined) return { kind: "immediate", value: 1 };
  return named(form.register === "eax" && instruction.operandSize === 16 ? "ax" : form.register);
}

function byModrm(instruction: Instruction, type: OperandType): MemoryOperand {
  const { addressSize, base, index, scale, displacement, mod } = instruction;
  const registers = addressSize === 16 ? registers16 : registers32;
  const baseName = registers[base];
  const indexName = registers[index];
  const bits = baseName === undefined || mod === 2 ? addressSize : mod === 1 ? 8 : 0;
  return {
    kind: "memory",
    ...sized(type, instruction),
    ...segmentPart(instruction.segmentOverride),
    ...(baseName === undefined ? {} : { base: baseName }),
    ...(indexName === undefined ? {} : { index: indexName, scale }),
    displacement,
    displacementSize: bits,
  };
}

function byOffset(instruction: Instruction, type: OperandType): MemoryOperand {
  return {
    kind: "memory",
    ...sized(type, instruction),
    ...segmentPart(instruction.segmentOverride),
    displacement: instruction.displacement,
    displacementSize: instruction.addressSize,
  };
}

function byRegister(instruction: Instruction, type: OperandType, number: number, segment: number): MemoryOperand {
  const base = (instruction.addressSize === 16 ? registers16 : registers32)[number];
  return {
    kind: "memory",
    ...sized(type, instruction),
    ...segmentPart(segment),
    ...(base === undefined ? {} : { base }),
  };
}

function sized(type: OperandType, instruction: Instruction): Pick<MemoryOperand, "size"> {
  const size = sizeOf(type, instruction.operandSize);
  return size === undefined ? {} : { size };
}

function segmentPart(number: number): { segment?: SegmentRegister } {
  const segment = segmentRegisters[number];
  return segment === undefined ? {} : { segment };
}
