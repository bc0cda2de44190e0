import { LinkError } from "./errors.ts";
import type { Layout } from "./layout.ts";

/** A named address of an image. */
export interface ImageSymbol {
  readonly address: number;
  /** Bytes, 0 where that means nothing. */
  readonly size: number;
  /** `constant`: a number that is no address (a count). */
  readonly kind: "function" | "object" | "constant";
}

/** Symbols of an image by name. */
export type SymbolTable = ReadonlyMap<string, ImageSymbol>;

/** Every symbol of an image: its functions and data, and what only the linker knows, under `image.`. */
export function collectSymbols(layout: Layout): SymbolTable {
  const symbols = new Map<string, ImageSymbol>();
  const define = (name: string, symbol: ImageSymbol): void => {
    if (symbols.has(name)) throw new LinkError(`${layout.spec.name}: "${name}" is defined twice`);
    symbols.set(name, symbol);
  };
  for (const { unit, address } of layout.units) {
    const kind = isCode(unit.section) ? "function" : "object";
    for (const name of new Set([unit.name, ...unit.aliases])) define(name, { address, size: unit.code.length, kind });
    for (const { name, offset } of unit.entries ?? []) define(name, { address: address + offset, size: 0, kind });
  }
  const object = layout.spec.program?.object;
  for (const cell of object?.globals ?? []) {
    define(cell.name, { address: layout.globals.get(cell.name) ?? 0, size: cell.size, kind: "object" });
  }
  if (object !== undefined) define(object.tableSymbol, { address: layout.table, size: object.table.length * 4, kind: "object" });
  for (const [name, symbol] of linkerSymbols(layout)) define(name, symbol);
  return symbols;
}

/** Whether a section holds machine code. */
export function isCode(section: string): boolean {
  return section === ".boot" || section === ".text" || section.startsWith(".thunks");
}

/** Symbols that the linker itself defines. */
function linkerSymbols(layout: Layout): [string, ImageSymbol][] {
  const { text, data, end, flagThunks, hypercallThunks, blobs, units, spec } = layout;
  const siteCount = spec.siteTable ? units.reduce((sum, { unit }) => sum + unit.sites.length, 0) : 0;
  const flagThunkCount = units.filter(({ unit }) => unit.section === ".thunks.flag").length;
  const addresses: [string, number][] = [
    ["image.textStart", text.start],
    ["image.textEnd", text.end],
    ["image.dataStart", data.start],
    ["image.dataEnd", data.end],
    ["image.end", end],
    ["image.flagThunksStart", flagThunks.start],
    ["image.flagThunksEnd", flagThunks.end],
    ["image.hypercallThunksStart", hypercallThunks.start],
    ["image.hypercallThunksEnd", hypercallThunks.end],
    ["image.siteTable", layout.siteTable],
    ["image.flagThunkStarts", layout.flagThunkStarts],
  ];
  for (const [name, extent] of blobs) addresses.push([`${name}_start`, extent.start], [`${name}_end`, extent.end]);
  const counts: [string, number][] = [
    ["image.siteCount", siteCount],
    ["image.flagThunkCount", flagThunkCount],
  ];
  return [
    ...addresses.map(([name, address]): [string, ImageSymbol] => [name, { address, size: 0, kind: "object" }]),
    ...counts.map(([name, address]): [string, ImageSymbol] => [name, { address, size: 0, kind: "constant" }]),
  ];
}
