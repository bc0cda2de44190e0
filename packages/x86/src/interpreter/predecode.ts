import { opcodeOf } from "../cpu/fpu/execute.ts";
import { isInReg, isX87, registerInfo, vectorClass, type Instruction, type OperandForm, type Row } from "@mercury/isa";
import type { Core } from "../cpu/core.ts";
import { at, DS, ES, mode, segmentSize, SS } from "../state/layout.ts";
import { byteRegister } from "../state/memory.ts";
import type { Handler } from "./generate.ts";
import type { Interpreter } from "./interpreter.ts";
import { record } from "./record.ts";
import { isString, operandMemory, repeatNumber, variantNumber } from "./variants.ts";

/** Which register an operand names: by ModRM.rm, by ModRM.reg or the opcode, a segment register by reg, or itself. */
type Naming =
  | { readonly by: "rm" | "reg" | "segment"; readonly vector?: "mmx" | "xmm" }
  | { readonly by: "fixed"; readonly offset: number };

interface OperandPlan {
  readonly naming: Naming | undefined;
  /** Bytes of a register, 0 for the operand size. */
  readonly size: number;
}

/** What filling a record needs to know of a row. */
interface RowPlan {
  readonly operands: readonly OperandPlan[];
  readonly string: boolean;
  readonly immediate: "none" | "byte" | "word" | "full" | "one" | "branch";
}

function namingOf(form: OperandForm): Naming | undefined {
  const { method, register } = form;
  const vector = vectorClass(method);
  if (vector !== undefined) return { by: isInReg(method) ? "reg" : "rm", vector };
  if (method === "E" || method === "R") return { by: "rm" };
  if (method === "G" || method === "Z") return { by: "reg" };
  if (method === "S") return { by: "segment" };
  return method === "fixed" && register !== undefined ? fixedNaming(register) : undefined;
}

function fixedNaming(register: Parameters<typeof registerInfo.get>[0]): Naming | undefined {
  const info = registerInfo.get(register);
  if (info === undefined) return undefined;
  if (info.class === "segment") return { by: "fixed", offset: at.segments + info.number * segmentSize };
  return { by: "fixed", offset: info.class === "general8" ? byteRegister(info.number) : at.registers + info.number * 4 };
}

function immediateOf(row: Row): RowPlan["immediate"] {
  for (const { method, type, register } of row.operands) {
    if (method === "J") return "branch";
    if (method === "fixed" && register === undefined) return "one";
    if (method === "I") return type === "b" ? "byte" : type === "w" ? "word" : "full";
  }
  return "none";
}

export function planRow(row: Row): RowPlan {
  const operands = row.operands.map((form) => ({
    naming: namingOf(form),
    size: form.type === "b" ? 1 : form.type === "w" ? 2 : form.type === "d" ? 4 : 0,
  }));
  return { operands: operands.slice(0, 2), string: isString(row), immediate: immediateOf(row) };
}

/** Fills records for one CPU. */
export class Predecoder {
  readonly #core: Core;
  readonly #interpreter: Interpreter;
  readonly #plans: (RowPlan | undefined)[] = [];

  constructor(core: Core, interpreter: Interpreter) {
    this.#core = core;
    this.#interpreter = interpreter;
  }

  /** Writes everything but `remaining` into the record at `address`; gives the handler. */
  fill(address: number, instruction: Instruction, eip: number, blockMode: number): Handler {
    const { row } = instruction;
    const plan = (this.#plans[row.id] ??= planRow(row));
    const handler = this.#handler(instruction, plan, blockMode);
    const next = this.#position(address, eip, instruction.length, blockMode, handler);
    this.#slots(address, instruction, plan);
    this.#memory(address, instruction);
    this.#core.memory.setWord(address + record.immediate, immediate(instruction, plan, next));
    if (isX87(row)) this.#float(address, instruction);
    return handler;
  }

  /** x87 instructions have their stack number for a slot, and the opcode that they leave behind for an immediate. */
  #float(address: number, instruction: Instruction): void {
    const { memory } = this.#core;
    memory.setWord(address + record.a, instruction.rm);
    memory.setWord(address + record.immediate, opcodeOf(instruction));
  }

  /** A record that has only a place: for what is not decoded from bytes, or is not an instruction. */
  fillBare(address: number, handler: Handler, eip: number, length: number, blockMode: number): void {
    const { memory } = this.#core;
    this.#position(address, eip, length, blockMode, handler);
    memory.setWord(address + record.a, 0);
    memory.setWord(address + record.b, 0);
    memory.setWord(address + record.segment, 0);
  }

  #position(address: number, eip: number, length: number, blockMode: number, handler: Handler): number {
    const { memory } = this.#core;
    const next = (blockMode & mode.code32) !== 0 ? (eip + length) | 0 : (eip + length) & 0xffff;
    memory.setWord(address + record.handler, handler.index);
    memory.setWord(address + record.eip, eip);
    memory.setWord(address + record.next, next);
    return next;
  }

  #slots(address: number, instruction: Instruction, plan: RowPlan): void {
    const { memory, state } = this.#core;
    const width = instruction.operandSize === 32 ? 4 : 2;
    memory.setWord(address + record.a, 0);
    memory.setWord(address + record.b, 0);
    for (const [position, { naming, size }] of plan.operands.entries()) {
      if (naming === undefined) continue;
      const offset = slotOffset(naming, instruction, size === 0 ? width : size);
      memory.setWord(address + (position === 0 ? record.a : record.b), state.base + offset);
    }
  }

  #memory(address: number, instruction: Instruction): void {
    const { memory, state } = this.#core;
    const slot = (number: number): number => state.base + (number < 0 ? at.zero : at.registers + number * 4);
    memory.setWord(address + record.base, slot(instruction.base));
    memory.setWord(address + record.index, slot(instruction.index));
    memory.setWord(address + record.displacement, instruction.displacement);
    memory.setWord(address + record.segment, state.base + at.segments + Math.max(instruction.segment, 0) * segmentSize);
    memory.setWord(address + record.mask, instruction.addressSize === 32 ? -1 : 0xffff);
    memory.bytes[address + record.scale] = scaleShift[instruction.scale];
  }

  #handler(instruction: Instruction, plan: RowPlan, blockMode: number): Handler {
    const flatStack = (blockMode & (mode.flatSS | mode.stack32)) === (mode.flatSS | mode.stack32);
    const { operandSize, addressSize, repeat, row } = instruction;
    const memory = plan.string ? stringMemory(instruction, blockMode) : memoryVariant(instruction, blockMode);
    const variant = variantNumber(operandSize, addressSize, flatStack, memory, repeatNumber[repeat]);
    const handler = this.#interpreter.handler(row, variant);
    if (handler === undefined) throw new Error(`no handler for ${row.mnemonic} ${row.opcode}, variant ${variant}`);
    return handler;
  }
}

/** Bytes that the state block has for an MMX or XMM register. */
const VECTOR_SIZE = 16;

const scaleShift = { 1: 0, 2: 1, 4: 2, 8: 3 } as const;

function slotOffset(naming: Naming, instruction: Instruction, size: number): number {
  if (naming.by === "fixed") return naming.offset;
  if (naming.by === "segment") return at.segments + instruction.reg * segmentSize;
  const number = naming.by === "rm" ? instruction.rm : instruction.reg;
  if (naming.vector !== undefined) return (naming.vector === "mmx" ? at.fpuRegisters : at.xmm) + number * VECTOR_SIZE;
  return size === 1 ? byteRegister(number) : at.registers + number * 4;
}

function isFlat(segment: number, blockMode: number): boolean {
  if (segment === DS) return (blockMode & mode.flatDS) !== 0;
  if (segment === SS) return (blockMode & mode.flatSS) !== 0;
  return segment === ES && (blockMode & mode.flatES) !== 0;
}

function memoryVariant(instruction: Instruction, blockMode: number): number {
  if (!instruction.memory) return operandMemory.none;
  if (instruction.addressSize !== 32 || !isFlat(instruction.segment, blockMode)) return operandMemory.checked;
  return instruction.index < 0 ? operandMemory.base : operandMemory.flat;
}

function stringMemory(instruction: Instruction, blockMode: number): number {
  const flat = isFlat(ES, blockMode) && isFlat(instruction.segment, blockMode);
  return flat && instruction.addressSize === 32 ? operandMemory.flat : operandMemory.checked;
}

function immediate(instruction: Instruction, plan: RowPlan, next: number): number {
  switch (plan.immediate) {
    case "byte":
      return (instruction.immediate << 24) >> 24;
    case "word":
      return (instruction.immediate << 16) >> 16;
    case "one":
      return 1;
    case "branch":
      return instruction.operandSize === 32 ? (next + instruction.immediate) | 0 : (next + instruction.immediate) & 0xffff;
    case "none":
    case "full":
      return instruction.immediate;
  }
}
