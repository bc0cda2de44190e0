import type { MemoryOperand, Register16, Register32, RegisterOperand, SegmentRegister } from "@mercury/isa";
import { Label } from "./labels.ts";

/** The address of a symbol, as an immediate, a displacement or a branch target. */
export interface SymbolOperand {
  readonly kind: "symbol";
  readonly name: string;
  readonly addend: number;
  /** `physical`: the load address, for code that runs before paging. */
  readonly reference: "absolute" | "physical";
}

/** The linear address of a symbol. */
export function symbol(name: string, addend = 0): SymbolOperand {
  return { kind: "symbol", name, addend, reference: "absolute" };
}

/** The physical address at which a symbol is loaded. */
export function physical(name: string, addend = 0): SymbolOperand {
  return { kind: "symbol", name, addend, reference: "physical" };
}

/** An index register with its scale, for {@link mem}. */
export interface ScaledIndex {
  readonly kind: "scaled";
  readonly register: Register32 | Register16;
  readonly scale: 1 | 2 | 4 | 8;
}

/** An index register times 1, 2, 4 or 8, for `mem`. */
export function scaled(index: GeneralRegister, scale: 1 | 2 | 4 | 8): ScaledIndex {
  return { kind: "scaled", register: index.register, scale };
}

/** A register that can be part of an address. */
export interface GeneralRegister extends RegisterOperand {
  readonly register: Register32 | Register16;
}

/** A memory operand whose displacement may be a symbol. */
export interface Memory {
  readonly kind: "memoryAt";
  readonly operand: MemoryOperand;
  readonly place: SymbolOperand | Label | null;
}

/** A direct far pointer whose offset may be a symbol. */
export interface FarPointer {
  readonly kind: "farTo";
  readonly selector: number;
  readonly offset: number | SymbolOperand;
}

/** What an address is the sum of. */
export type AddressPart = GeneralRegister | ScaledIndex | number | SymbolOperand | Label;

/** `[part + part + ...]`: at most one base, one index, one number and one symbol, in any order; the first plain register is the base. */
export function mem(...parts: readonly AddressPart[]): Memory {
  return memoryOf(undefined, parts);
}
/** Memory of one byte. */
export function mem8(...parts: readonly AddressPart[]): Memory {
  return memoryOf(8, parts);
}
/** Memory of two bytes. */
export function mem16(...parts: readonly AddressPart[]): Memory {
  return memoryOf(16, parts);
}
/** Memory of four bytes. */
export function mem32(...parts: readonly AddressPart[]): Memory {
  return memoryOf(32, parts);
}
/** A far pointer or pseudo-descriptor in memory. */
export function mem48(...parts: readonly AddressPart[]): Memory {
  return memoryOf(48, parts);
}

/** The same memory operand through another segment register. */
export function through(segment: SegmentRegister, memory: Memory): Memory {
  return { ...memory, operand: { ...memory.operand, segment } };
}

/** `selector:offset`, of `jmpf` and `callf`. */
export function far(selector: number, offset: number | SymbolOperand): FarPointer {
  return { kind: "farTo", selector, offset };
}

function memoryOf(size: MemoryOperand["size"], parts: readonly AddressPart[]): Memory {
  const registers = parts.filter((part) => isRegister(part));
  const indexes = parts.filter((part) => typeof part === "object" && part.kind === "scaled");
  const numbers = parts.filter((part) => typeof part === "number");
  const places = parts.filter((part) => part instanceof Label || (typeof part === "object" && part.kind === "symbol"));
  const [base, plainIndex] = registers;
  if (registers.length + indexes.length > 2 || indexes.length > 1 || numbers.length > 1 || places.length > 1) {
    throw new RangeError("an address has at most a base, an index, a number and a symbol");
  }
  const index: ScaledIndex | undefined = indexes[0] ?? (plainIndex === undefined ? undefined : scaled(plainIndex, 1));
  const place = places[0] ?? null;
  const number = numbers[0] ?? 0;
  return {
    kind: "memoryAt",
    place: place === null ? null : shifted(place, number),
    operand: {
      kind: "memory",
      ...(size !== undefined && { size }),
      ...(base !== undefined && { base: base.register }),
      ...(index !== undefined && { index: index.register, scale: index.scale }),
      ...(place === null ? { displacement: number } : { displacement: 0, displacementSize: 32 as const }),
    },
  };
}

function isRegister(part: AddressPart): part is GeneralRegister {
  return typeof part === "object" && !(part instanceof Label) && part.kind === "register";
}

function shifted(place: SymbolOperand | Label, by: number): SymbolOperand | Label {
  if (by === 0) return place;
  if (place instanceof Label) throw new RangeError("a label in an address takes no further displacement");
  return { ...place, addend: place.addend + by };
}
