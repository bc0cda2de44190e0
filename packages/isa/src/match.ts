import type { Candidate } from "./candidates.ts";
import type { EncodeOptions } from "./encoded.ts";
import type { FarOperand, MemoryOperand, Operand, RegisterOperand } from "./operand.ts";
import { sizeOf } from "./operands.ts";
import { type RegisterClass, type RegisterInfo, registerInfo } from "./register.ts";
import { isInReg, takesMemory, vectorClass } from "./method.ts";
import type { Method, OperandForm, OperandType, Row } from "./row.ts";

/** The operands of one instruction put where its encoding has room for them. Reused by every call of the encoder. */
export interface Match {
  /** Operand size told by the operands so far, 0 if none did. */
  operandSize: 0 | 16 | 32;
  /** ModRM.reg or the opcode's low bits. */
  reg: number;
  /** ModRM.rm of a register operand, -1 if it is not one. */
  rm: number;
  memory: MemoryOperand | undefined;
  immediate: number;
  immediateForm: OperandForm | undefined;
  /** ENTER's level; undefined of all others. */
  immediate2: number | undefined;
  far: FarOperand | undefined;
}

export const match: Match = {
  operandSize: 0,
  reg: 0,
  rm: -1,
  memory: undefined,
  immediate: 0,
  immediateForm: undefined,
  immediate2: undefined,
  far: undefined,
};

/**
 * Whether a candidate takes these operands; if so {@link match} holds them and the operand size.
 */
export function matches(candidate: Candidate, operands: readonly Operand[], options: EncodeOptions): boolean {
  const forms = candidate.operands;
  if (forms.length !== operands.length) return false;
  clear();
  for (let at = 0; at < forms.length; at++) {
    const form = forms[at];
    const operand = operands[at];
    if (form === undefined || operand === undefined || !place(candidate, form, operand, options)) return false;
  }
  return settleSize(candidate, options) && immediateFits();
}

function clear(): void {
  match.operandSize = 0;
  match.reg = 0;
  match.rm = -1;
  match.memory = undefined;
  match.immediate = 0;
  match.immediateForm = undefined;
  match.immediate2 = undefined;
  match.far = undefined;
}

function place(candidate: Candidate, form: OperandForm, operand: Operand, options: EncodeOptions): boolean {
  switch (operand.kind) {
    case "register":
      return placeRegister(candidate.row, form, operand);
    case "memory":
      return placeMemory(candidate, form, operand, options);
    case "immediate":
      return placeImmediate(form, operand.value);
    case "relative":
      if (form.method !== "J" || (form.type === "b") !== (operand.size === 8)) return false;
      if (operand.size !== 8) match.operandSize = operand.size;
      return placeConstant(form, operand.displacement);
    case "far":
      match.far = operand;
      return form.method === "A" && placeConstant(form, operand.offset);
  }
}

function placeRegister(row: Row, form: OperandForm, operand: RegisterOperand): boolean {
  const info = registerInfo.get(operand.register);
  if (info === undefined) return false;
  const { method } = form;
  if (method === "G" || method === "Z") {
    match.reg = info.number;
    return widthFits(row, form, info);
  }
  if (method === "E" || method === "R") {
    match.rm = info.number;
    return widthFits(row, form, info);
  }
  const vector = vectorClass(method);
  if (vector !== undefined) return placeVector(method, info, vector);
  if (method === "S") return placeSpecial(row, info, "segment");
  if (method === "C") return placeSpecial(row, info, "control");
  if (method === "D") return placeSpecial(row, info, "debug");
  return method === "fixed" && isFixed(row, form, info);
}

function placeVector(method: Method, info: RegisterInfo, kind: RegisterClass): boolean {
  if (isInReg(method)) match.reg = info.number;
  else match.rm = info.number;
  return info.class === kind;
}

/** AL, CL, DX, a segment register, or the accumulator of either size. */
function isFixed(row: Row, form: OperandForm, info: RegisterInfo): boolean {
  if (form.type === "v" || form.type === "z") return info.number === 0 && widthFits(row, form, info);
  return form.register === info.name;
}

function placeSpecial(row: Row, info: RegisterInfo, kind: RegisterInfo["class"]): boolean {
  match.reg = info.number;
  return info.class === kind && (row.regMask & (1 << info.number)) !== 0;
}

const widths: Readonly<Record<RegisterClass, number>> = {
  general8: 8,
  general16: 16,
  general32: 32,
  segment: 0,
  control: 0,
  debug: 0,
  stack: 80,
  mmx: 64,
  xmm: 128,
};

function widthFits(row: Row, form: OperandForm, info: RegisterInfo): boolean {
  const width = widths[info.class];
  if ((form.type === "st") !== (info.class === "stack")) return false;
  return sizeFits(form.type, width) || (row.anyWidth && form.type === "w" && width === 32);
}

/** Whether an operand of so many bits has the type; where the type goes by operand size, that size is settled. */
function sizeFits(type: OperandType, bits: number): boolean {
  const dword = sizeOf(type, 32);
  if (bits === dword) return dword === sizeOf(type, 16) || agree(32);
  return bits === sizeOf(type, 16) && agree(16);
}

/** Several operands may tell the operand size; they must tell the same. */
function agree(size: 16 | 32): boolean {
  if (match.operandSize !== 0 && match.operandSize !== size) return false;
  match.operandSize = size;
  return true;
}

function placeMemory(candidate: Candidate, form: OperandForm, operand: MemoryOperand, options: EncodeOptions): boolean {
  match.memory = operand;
  if (form.method === "O") {
    if (operand.base !== undefined || operand.index !== undefined) return false;
  } else if (!takesMemory(form.method)) return false;

  if (sizeOf(form.type, 32) === undefined) return true;
  if (operand.size !== undefined) return sizeFits(form.type, operand.size);
  if (!candidate.needsMemorySize) return true;
  return options.operandSize !== undefined && (form.type === "v" || form.type === "z");
}

function placeImmediate(form: OperandForm, value: number): boolean {
  if (form.method === "fixed") return form.register === undefined && value === 1;
  return form.method === "I" && placeConstant(form, value);
}

function placeConstant(form: OperandForm, value: number): boolean {
  if (match.immediateForm === undefined) {
    match.immediate = value;
    match.immediateForm = form;
    return true;
  }
  match.immediate2 = value;
  return fits(value, 8);
}

function settleSize(candidate: Candidate, options: EncodeOptions): boolean {
  const asked = candidate.operandSize === 0 ? options.operandSize : candidate.operandSize;
  if (match.operandSize !== 0) return asked === undefined || asked === match.operandSize || !candidate.row.usesOperandSize;
  match.operandSize = asked ?? options.bits ?? 32;
  return true;
}

function immediateFits(): boolean {
  const form = match.immediateForm;
  if (form === undefined) return true;
  const value = match.immediate;
  const size = match.operandSize === 16 ? 16 : 32;
  if (form.type === "b") return form.method === "J" ? isSignedByte(value) : fits(value, 8);
  if (form.type === "w") return fits(value, 16);
  if (!fits(value, size)) return false;
  return form.type !== "bs" || isSignedByte(size === 16 ? (value << 16) >> 16 : value | 0);
}

/** Whether an integer fits so many bits, signed or unsigned. */
export function fits(value: number, bits: 8 | 16 | 32): boolean {
  const limit = 2 ** bits;
  return Number.isInteger(value) && value >= -limit / 2 && value < limit;
}

/** Whether an integer is -128 to 127. */
export function isSignedByte(value: number): boolean {
  return value >= -128 && value <= 127 && Number.isInteger(value);
}
