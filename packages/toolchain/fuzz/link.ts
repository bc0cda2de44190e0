import type { CodeFunction, CodeObject } from "../src/object.ts";

/** A linked program for a flat 32-bit address space. */
export interface Linked {
  readonly segments: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  readonly symbols: ReadonlyMap<string, number>;
  /** Address of the start function, which runs before anything else. */
  readonly start: number | null;
}

/** Where functions, and global cells with the table, go; the wasm module's own data stays where asc put it. */
export interface Bases {
  readonly text: number;
  readonly cells: number;
}

export const nativeBases: Bases = { text: 0x20000000, cells: 0x30000000 };
/** Room for either part. */
export const partSize = 0x400000;

/** memmove(eax to, edx from, ecx bytes): backward when the target lies above the source. */
const moveCode = [
  0x56, 0x57, 0x89, 0xc7, 0x89, 0xd6, 0x39, 0xf7, 0x76, 0x0f, 0xfd, 0x8d, 0x7c, 0x0f, 0xff, 0x8d, 0x74, 0x0e, 0xff, 0xf3, 0xa4, 0xfc, 0x5f,
  0x5e, 0xc3, 0xf3, 0xa4, 0x5f, 0x5e, 0xc3,
];
/** memset(eax to, edx value, ecx bytes). */
const fillCode = [0x57, 0x89, 0xc7, 0x89, 0xd0, 0xf3, 0xaa, 0x5f, 0xc3];

function stub(name: string, code: readonly number[]): CodeFunction {
  return { name, aliases: [], code: Uint8Array.from(code), alignment: 16, relocations: [], sites: [], lines: [], section: ".text" };
}

/** Places an object's functions, cells and table at fixed addresses and resolves its relocations. */
export function link(object: CodeObject, bases: Bases = nativeBases): Linked {
  const functions = [...object.functions, stub("memmove", moveCode), stub("memset", fillCode)];
  const symbols = new Map<string, number>();
  let address = bases.text;
  for (const { name, aliases, code, alignment } of functions) {
    address = Math.ceil(address / alignment) * alignment;
    for (const symbol of [name, ...aliases]) symbols.set(symbol, address);
    address += code.length;
  }
  const cells = placeCells(object, symbols, bases.cells);
  const segments = functions.map((code) => ({ address: symbols.get(code.name) ?? 0, bytes: relocate(code, symbols) }));
  return {
    segments: [...segments, cells, ...object.data],
    symbols,
    start: object.start === null ? null : (symbols.get(object.start) ?? null),
  };
}

function placeCells(object: CodeObject, symbols: Map<string, number>, base: number): { address: number; bytes: Uint8Array } {
  const bytes = new Uint8Array(object.globals.length * 8 + object.table.length * 4);
  const view = new DataView(bytes.buffer);
  object.globals.forEach((global, index) => {
    symbols.set(global.name, base + index * 8);
    view.setBigUint64(index * 8, BigInt.asUintN(64, global.initial), true);
  });
  const table = object.globals.length * 8;
  symbols.set(object.tableSymbol, base + table);
  object.table.forEach((symbol, index) => view.setUint32(table + index * 4, symbol === null ? 0 : (symbols.get(symbol) ?? 0), true));
  return { address: base, bytes };
}

function relocate(code: CodeFunction, symbols: ReadonlyMap<string, number>): Uint8Array {
  const bytes = code.code.slice();
  const view = new DataView(bytes.buffer);
  const start = symbols.get(code.name) ?? 0;
  for (const { offset, kind, target, addend } of code.relocations) {
    const address = symbols.get(target);
    if (address === undefined) throw new Error(`${code.name} refers to ${target}, which nobody defines`);
    const value = address + addend;
    view.setUint32(offset, kind === "relative" ? value - (start + offset + 4) : value, true);
  }
  return bytes;
}
