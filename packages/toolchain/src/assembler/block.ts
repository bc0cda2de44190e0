import { encode, mnemonics } from "@mercury/isa";
import type { EncodeOptions, Encoded, Mnemonic, Operand, RegisterOperand } from "@mercury/isa";
import type { CodeFunction, Relocation } from "../object.ts";
import { encodeSite } from "../sites/encode.ts";
import { type Item, Label, resolveItems } from "./labels.ts";
import type { FarPointer, Memory, SymbolOperand } from "./memory.ts";

/** What an instruction of the assembler takes: registers, numbers (immediates), addresses, symbols and labels. */
export type AssemblerOperand = RegisterOperand | number | Memory | SymbolOperand | Label | FarPointer;

/** A word of data: a number, or the address of a symbol or label. */
export type DataWord = number | SymbolOperand | Label;

/** Where a procedure or a piece of data lies. */
export interface ProcedureOptions {
  /** Output section: `.text` unless another is named (see object.ts). */
  readonly section?: string;
  /** Start alignment in bytes, a power of two; 16 for procedures, 4 for data. */
  readonly alignment?: number;
}

/** One method for every instruction: `a.mov(eax, mem(esp, 4))`. */
export type Instructions = Readonly<Record<Mnemonic, (...operands: readonly AssemblerOperand[]) => void>>;

/** Writes machine code that reads like assembly. Made by {@link createAssembler}. */
export type Assembler = Writer & Instructions;

/** Settings of an assembler. */
export interface AssemblerOptions {
  /** Whether sites are stretched and listed (the default), or bare instructions (`--vmm none`). */
  readonly patchable?: boolean;
}

/** A new, empty assembler. */
export function createAssembler(options: AssemblerOptions = {}): Assembler {
  const writer = new Writer(options.patchable ?? true);
  const methods = mnemonics.map((name) => [name, (...operands: readonly AssemblerOperand[]) => writer.emit(name, operands)]);
  // fromEntries knows only string keys; the keys are exactly the mnemonics.
  return Object.assign(writer, Object.fromEntries(methods) as Instructions);
}

interface OpenProcedure {
  readonly name: string;
  readonly section: string;
  readonly alignment: number;
  readonly items: Item[];
}

type Prefixes = Pick<EncodeOptions, "lock" | "repeat">;

/** Everything of the assembler but the instructions themselves. */
export class Writer {
  private readonly patchable: boolean;
  private readonly procedures: OpenProcedure[] = [];
  private codeBits: 16 | 32 = 32;
  private prefixes: Prefixes = {};

  constructor(patchable: boolean) {
    this.patchable = patchable;
  }

  /** Begins a procedure; what follows belongs to it. Its name is a global symbol. */
  procedure(name: string, options: ProcedureOptions = {}): void {
    if (this.procedures.some((other) => other.name === name)) throw new RangeError(`two procedures are called "${name}"`);
    const { section = ".text", alignment = 16 } = options;
    this.procedures.push({ name, section, alignment, items: [] });
    this.codeBits = 32;
  }

  /** Begins a named piece of data. */
  data(name: string, options: ProcedureOptions = {}): void {
    this.procedure(name, { section: ".data", alignment: 4, ...options });
  }

  /** Code from here on runs with a default operand and address size of `size` (CS.D). */
  bits(size: 16 | 32): void {
    this.codeBits = size;
  }

  /** A new label of the current procedure, for {@link bind}. */
  label(): Label {
    return new Label(this.current().name);
  }

  /** The label stands here. */
  bind(label: Label): void {
    const { name, items } = this.current();
    if (label.procedure !== name) throw new RangeError(`a label of "${label.procedure}" cannot stand in "${name}"`);
    if (items.some((item) => item.kind === "mark" && item.mark === label)) throw new RangeError(`${name}: a label is bound twice`);
    items.push({ kind: "mark", mark: label });
  }

  /** A new label that stands here. */
  here(): Label {
    const label = this.label();
    this.bind(label);
    return label;
  }

  /** A global symbol inside the current procedure. */
  entry(name: string): void {
    this.current().items.push({ kind: "mark", mark: name });
  }

  /** REP for the next instruction. */
  rep(): this {
    this.prefixes = { repeat: "rep" };
    return this;
  }

  /** REPNE for the next instruction. */
  repne(): this {
    this.prefixes = { repeat: "repne" };
    return this;
  }

  /** LOCK for the next instruction. */
  lock(): this {
    this.prefixes = { lock: true };
    return this;
  }

  /** One instruction by name; the methods named after instructions come here. */
  emit(mnemonic: Mnemonic, operands: readonly AssemblerOperand[], options: EncodeOptions = {}): void {
    const { items } = this.current();
    const prefixes = this.prefixes;
    this.prefixes = {};
    const [first] = operands;
    const bits = this.codeBits;
    if (first instanceof Label && operands.length === 1 && isBranch(mnemonic)) {
      items.push({ kind: "branch", mnemonic, label: first, bits });
      return;
    }
    items.push(encodeItem(mnemonic, operands, { bits, ...prefixes, ...options }));
  }

  /** A virtual-object operation as a patchable site (abi/tables/vo-operations.ts). */
  site(operation: string): void {
    const { bytes, relocations, length } = encodeSite(operation, this.patchable);
    const sites = this.patchable ? [{ offset: 0, length, operation }] : [];
    this.current().items.push({ kind: "bytes", bytes, relocations, labelFields: [], sites });
  }

  /** Bytes of data. */
  data8(...values: readonly number[]): void {
    this.bytes(Uint8Array.from(values));
  }

  /** 16-bit words of data, little endian. */
  data16(...values: readonly number[]): void {
    this.bytes(Uint8Array.from(values.flatMap((value) => [value & 0xff, (value >> 8) & 0xff])));
  }

  /** 32-bit words of data: numbers, or addresses that the linker fills in. */
  data32(...values: readonly DataWord[]): void {
    const bytes = new Uint8Array(values.length * 4);
    const view = new DataView(bytes.buffer);
    const opens: OpenField[] = [];
    values.forEach((value, index) => {
      if (typeof value === "number") view.setInt32(index * 4, value | 0, true);
      else opens.push({ offset: index * 4, target: value, relative: false });
    });
    this.current().items.push(bytesItem(bytes, opens));
  }

  /** The characters of `text` as UTF-8, without an end mark. */
  ascii(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  /** Bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.current().items.push(bytesItem(bytes, []));
  }

  /** `count` zero bytes. */
  zero(count: number): void {
    this.bytes(new Uint8Array(count));
  }

  /** Fills up to a multiple of `alignment` bytes, with INT3 in code and zeros in data. */
  align(alignment: number): void {
    const { section, items } = this.current();
    const fill = section === ".data" || section === ".bss" ? 0 : 0xcc;
    items.push({ kind: "align", alignment, fill });
  }

  /** Everything written so far, for the linker. */
  finish(): readonly CodeFunction[] {
    return this.procedures.map(({ name, section, alignment, items }) => {
      const { code, relocations, sites, entries } = resolveItems(name, items);
      return { name, aliases: [], code, alignment, relocations, sites, lines: [], section, entries };
    });
  }

  private current(): OpenProcedure {
    const open = this.procedures.at(-1);
    if (open === undefined) throw new RangeError("the assembler needs a procedure() or data() first");
    return open;
  }
}

/** A 32-bit field that a symbol or label fills. */
interface OpenField {
  readonly offset: number;
  readonly target: SymbolOperand | Label;
  /** Counted from the end of the field: the target of a near branch. */
  readonly relative: boolean;
}

function isBranch(mnemonic: Mnemonic): boolean {
  return mnemonic === "call" || mnemonic.startsWith("loop") || (mnemonic.startsWith("j") && mnemonic !== "jmpf");
}

function encodeItem(mnemonic: Mnemonic, operands: readonly AssemblerOperand[], options: EncodeOptions): Item {
  const branch = isBranch(mnemonic);
  const plain = operands.map((operand) => plainOperand(operand, branch, options));
  const immediate = operands.find((operand) => isPlace(operand) || (isFar(operand) && isPlace(operand.offset)));
  const encoded = encode(mnemonic, plain, immediate === undefined ? options : { ...options, shortest: false });
  return bytesItem(encoded.bytes, openFields(mnemonic, operands, encoded));
}

function openFields(mnemonic: Mnemonic, operands: readonly AssemblerOperand[], encoded: Encoded): OpenField[] {
  const opens: OpenField[] = [];
  for (const operand of operands) {
    const isMemory = typeof operand === "object" && operand.kind === "memoryAt";
    const target = isMemory ? operand.place : isFar(operand) ? operand.offset : operand;
    if (target === null || !isPlace(target)) continue;
    const field = isMemory ? encoded.displacement : encoded.immediate;
    if (field?.size !== 4) throw new RangeError(`${mnemonic}: an address of a symbol needs a 32-bit field`);
    opens.push({ offset: field.offset, target, relative: isBranch(mnemonic) && !isMemory });
  }
  return opens;
}

/** Any value that no shorter field could hold: its place is filled by the linker. */
const placeholder = 0x7fff_ffff;

function plainOperand(operand: AssemblerOperand, branch: boolean, { bits = 32 }: EncodeOptions): Operand {
  if (typeof operand === "number") return { kind: "immediate", value: operand };
  switch (operand.kind) {
    case "register":
      return operand;
    case "memoryAt":
      return operand.operand;
    case "farTo":
      return { kind: "far", selector: operand.selector, offset: typeof operand.offset === "number" ? operand.offset : placeholder };
    case "symbol":
    case "label":
      return branch ? { kind: "relative", size: bits, displacement: 0 } : { kind: "immediate", value: placeholder };
  }
}

function isPlace(value: AssemblerOperand): value is SymbolOperand | Label {
  return typeof value === "object" && (value.kind === "symbol" || value.kind === "label");
}

function isFar(operand: AssemblerOperand): operand is FarPointer {
  return typeof operand === "object" && operand.kind === "farTo";
}

function bytesItem(bytes: Uint8Array, opens: readonly OpenField[]): Item {
  const relocations: Relocation[] = [];
  const labelFields: { offset: number; label: Label; kind: "absolute" }[] = [];
  for (const { offset, target, relative } of opens) {
    if (target.kind === "label") {
      labelFields.push({ offset, label: target, kind: "absolute" });
    } else {
      relocations.push({ offset, kind: relative ? "relative" : target.reference, target: target.name, addend: target.addend });
    }
  }
  return { kind: "bytes", bytes, relocations, labelFields, sites: [] };
}
