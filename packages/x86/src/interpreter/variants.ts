import { registerInfo, type OperandForm, type Row } from "@mercury/isa";
import type { Kind, Shape, Size } from "../cpu/builder.ts";

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

const isMemoryMethod = (form: OperandForm): boolean => form.method === "E" || form.method === "M" || form.method === "O";
export const isString = (row: Row): boolean => row.operands.some(({ method }) => method === "X" || method === "Y");

/** The same variant with everything that does not matter to the row set to one value. */
export function canonical(row: Row, number: number): number {
  const variant = variantOf(number);
  const sized = row.operands.length === 0 || row.operands.some(({ type }) => !["b", "w", "d", "q"].includes(type));
  const stack = stackUsers.has(row.mnemonic);
  const strings = isString(row);
  const operandSize = sized || stack ? variant.operandSize : 32;
  const addressSize = strings || addressSizeUsers.has(row.mnemonic) ? variant.addressSize : 32;
  const memory = strings || row.operands.some(isMemoryMethod) ? variant.memory : operandMemory.none;
  const repeat = row.repeatable === "no" ? 0 : row.repeatable === "count" && variant.repeat === 2 ? 1 : variant.repeat;
  return variantNumber(operandSize, addressSize, stack && variant.flatStack, memory, repeat);
}

function sizeOf({ type }: OperandForm, operandSize: Size): Size {
  if (type === "b") return 1;
  if (type === "w") return 2;
  return type === "d" ? 4 : operandSize;
}

function kindOf(form: OperandForm, memory: number): Kind {
  if (isMemoryMethod(form)) return memoryKinds[memory] ?? "register";
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
    sizes: operands.map((form) => sizeOf(form, operandSize)),
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
  if (memory === operandMemory.none) return form.method === "E" && row.modrmForm !== "memory";
  return row.modrmForm !== "register";
}
