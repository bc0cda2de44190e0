import { isVector, isX87, registerInfo, takesMemory, vectorClass, type OperandForm, type OperandType, type Row } from "@mercury/isa";
import type { Kind, Shape, Size, Width } from "../cpu/shape.ts";

/** Memory operand of a variant: none, or how it is addressed; of string instructions whether both segments are flat. */
export const operandMemory = { none: 0, flat: 1, base: 2, checked: 3 } as const;
const memoryKinds: readonly Kind[] = ["register", "flat", "base", "checked"];

/** What, besides the row, chooses the handler of an instruction. */
export interface Variant {
  readonly operandSize: 16 | 32;
  readonly addressSize: 16 | 32;
  readonly memory: number;
  readonly flatStack: boolean;
  readonly repeat: number;
}

/** Variants of a row are numbered densely: operand size, address size, flat stack, memory, repeat. */
export const VARIANTS = 96;

export function variantNumber(operandSize: 16 | 32, addressSize: 16 | 32, flatStack: boolean, memory: number, repeat: number): number {
  const sizes = (operandSize === 32 ? 1 : 0) + (addressSize === 32 ? 2 : 0) + (flatStack ? 4 : 0);
  return sizes + 8 * memory + 32 * repeat;
}

export function variantOf(number: number): Variant {
  return {
    operandSize: (number & 1) !== 0 ? 32 : 16,
    addressSize: (number & 2) !== 0 ? 32 : 16,
    flatStack: (number & 4) !== 0,
    memory: (number >> 3) & 3,
    repeat: number >> 5,
  };
}

const repeats = ["none", "rep", "repne"] as const;
export const repeatNumber = { none: 0, rep: 1, repne: 2 } as const;

/** Mnemonics that use the stack. */
const stackUsers: ReadonlySet<string> = new Set(["push", "pop", "call", "ret", "leave", "pushf"]);
/** Mnemonics that count in (E)CX or address by (E)SI and (E)DI. */
const addressSizeUsers: ReadonlySet<string> = new Set(["loop", "loope", "loopne", "jecxz"]);

const isMemoryMethod = ({ method }: OperandForm): boolean => takesMemory(method) || method === "O";
export const isString = (row: Row): boolean => row.operands.some(({ method }) => method === "X" || method === "Y");

/** Vector and x87 instructions have no sizes to choose from, and no handlers of their own for addresses without index. */
function vectorVariant(row: Row, memory: number): number {
  const kind = memory === operandMemory.base ? operandMemory.flat : memory;
  return variantNumber(32, 32, false, row.operands.some(isMemoryMethod) ? kind : operandMemory.none, 0);
}

/** The same variant with everything that does not matter to the row set to one value. */
export function canonical(row: Row, number: number): number {
  const variant = variantOf(number);
  if (isVector(row) || isX87(row)) return vectorVariant(row, variant.memory);
  const sized = row.operands.length === 0 || row.operands.some(({ type }) => !["b", "w", "d", "q"].includes(type));
  const stack = stackUsers.has(row.mnemonic);
  const strings = isString(row);
  const operandSize = sized || stack ? variant.operandSize : 32;
  const addressSize = strings || addressSizeUsers.has(row.mnemonic) ? variant.addressSize : 32;
  const memory = strings || row.operands.some(isMemoryMethod) ? variant.memory : operandMemory.none;
  const repeat = row.repeatable === "no" ? 0 : row.repeatable === "count" && variant.repeat === 2 ? 1 : variant.repeat;
  return variantNumber(operandSize, addressSize, stack && variant.flatStack, memory, repeat);
}

/** Bytes of operands whose type says it; all others go by the operand size. */
const widths: Partial<Record<OperandType, Width>> = {
  b: 1,
  w: 2,
  d: 4,
  q: 8,
  ss: 4,
  sd: 8,
  pi: 8,
  f32: 4,
  f64: 8,
  i16: 2,
  i32: 4,
  i64: 8,
  dq: 16,
  ps: 16,
  pd: 16,
};

function widthOf({ type }: OperandForm, operandSize: Size): Width {
  return widths[type] ?? operandSize;
}

function kindOf(form: OperandForm, memory: number): Kind {
  const vector = vectorClass(form.method);
  if (isMemoryMethod(form) && memory !== operandMemory.none) return memoryKinds[memory] ?? "checked";
  if (vector !== undefined) return vector;
  if (isMemoryMethod(form)) return "register";
  if (form.method === "I") return "immediate";
  if (form.method === "S") return "segment";
  if (form.method !== "fixed") return "register";
  if (form.register === undefined) return "immediate";
  if (form.register === "cl") return "count";
  return registerInfo.get(form.register)?.class === "segment" ? "segment" : "register";
}

/** The operands that semantics see: not branch targets, nor the implied ones of string instructions. */
function visible({ method }: OperandForm): boolean {
  return method !== "J" && method !== "A";
}

export function shapeOf(row: Row, number: number): Shape {
  const variant = variantOf(number);
  const operandSize = variant.operandSize === 32 ? 4 : 2;
  const operands = row.operands.filter(visible);
  return {
    kinds: operands.map((form) => kindOf(form, variant.memory)),
    sizes: operands.map((form) => widthOf(form, operandSize)),
    aligned: !row.unaligned,
    operandSize,
    addressSize: variant.addressSize === 32 ? 4 : 2,
    flatStack: variant.flatStack,
    flatStrings: variant.memory === operandMemory.flat,
    repeat: repeats[variant.repeat] ?? "none",
  };
}

/** Whether a variant can come from the decoder at all. */
export function exists(row: Row, number: number): boolean {
  const { memory } = variantOf(number);
  if (isString(row)) return memory === operandMemory.flat || memory === operandMemory.checked;
  const form = row.operands.find(isMemoryMethod);
  if (form === undefined) return true;
  if (memory === operandMemory.none) return form.method !== "M" && form.method !== "O" && row.modrmForm !== "memory";
  return row.modrmForm !== "register";
}
