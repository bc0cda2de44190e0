import { type PlacedSite, type Relocate, encodeSiteTable } from "../sites/table.ts";
import { LinkError, hex } from "./errors.ts";
import { type Extent, type Layout, layoutImage } from "./layout.ts";
import { type LineEntry, collectLines } from "./lines.ts";
import type { ImageSpec } from "./spec.ts";
import { type SymbolTable, collectSymbols } from "./symbols.ts";

/** A part of an image that is loaded as one piece. */
export interface Segment {
  readonly name: string;
  /** Linear address. */
  readonly address: number;
  /** Load address; equal to the linear one in a program. */
  readonly physical: number;
  readonly bytes: Uint8Array;
  /** Bytes in memory: `bytes`, then zeros. */
  readonly memorySize: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

/** An image with every address filled in. */
export interface LinkedImage {
  readonly name: string;
  /** Address at which execution starts (physical for a kernel, as multiboot wants it). */
  readonly entry: number;
  readonly segments: readonly Segment[];
  readonly symbols: SymbolTable;
  readonly sites: readonly PlacedSite[];
  readonly lines: readonly LineEntry[];
  readonly layout: Layout;
}

/** Links one image. Throws a {@link LinkError} that names what is missing or in the way. */
export function linkImage(spec: ImageSpec): LinkedImage {
  const layout = layoutImage(spec);
  const symbols = collectSymbols(layout);
  const relocate = relocator(layout, symbols);
  const segments = openSegments(layout);

  for (const { unit, address } of layout.units) {
    const code = unit.code.slice();
    relocate(code, unit.relocations, address, unit.name);
    if (unit.section !== ".bss") write(segments, address, code);
  }
  const sites = collectSites(layout);
  writeProgramData(layout, symbols, segments);
  if (spec.siteTable) write(segments, layout.siteTable, encodeSiteTable(sites, relocate));
  const thunkStarts = layout.units.filter(({ unit }) => unit.section === ".thunks.flag").map(({ address }) => address);
  write(segments, layout.flagThunkStarts, words(thunkStarts));
  for (const blob of spec.blobs) write(segments, layout.blobs.get(blob.name)?.start ?? 0, blob.bytes);

  const entry = symbols.get(spec.entry);
  if (entry === undefined) throw new LinkError(`${spec.name}: the entry "${spec.entry}" is not defined`, spec.entry);
  return {
    name: spec.name,
    entry: entry.address,
    segments: segments.filter((segment) => segment.memorySize > 0),
    symbols,
    sites,
    lines: collectLines(layout),
    layout,
  };
}

function relocator(layout: Layout, symbols: SymbolTable): Relocate {
  const { spec, boot } = layout;
  return (bytes, relocations, address, user = "a site") => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const { offset, kind, target, addend } of relocations) {
      const symbol = symbols.get(target);
      if (symbol === undefined) throw new LinkError(`${spec.name}: "${target}" is not defined (used by ${user})`, target);
      const linear = symbol.address + addend;
      const inBoot = boot !== null && symbol.address >= boot.start && symbol.address < boot.end;
      if (kind === "absolute") view.setUint32(offset, linear, true);
      if (kind === "relative") view.setUint32(offset, linear - (address + offset + 4), true);
      if (kind === "physical") view.setUint32(offset, inBoot ? linear : linear - spec.loadOffset, true);
    }
  };
}

function openSegments({ spec, boot, text, data, end, blobs }: Layout): Segment[] {
  const segment = (name: string, extent: Extent, memoryEnd: number, offset: number, kind: "code" | "data"): Segment => ({
    name,
    address: extent.start,
    physical: extent.start - offset,
    bytes: new Uint8Array(extent.end - extent.start),
    memorySize: memoryEnd - extent.start,
    executable: kind === "code",
    writable: kind === "data",
  });
  const segments = boot === null ? [] : [segment("boot", boot, boot.end, 0, "code")];
  segments.push(segment("text", text, text.end, spec.loadOffset, "code"), segment("data", data, end, spec.loadOffset, "data"));
  for (const [name, extent] of blobs) segments.push(segment(name, extent, extent.end, spec.loadOffset, "data"));
  return segments;
}

function write(segments: readonly Segment[], address: number, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const segment = segments.find(({ address: start, bytes: held }) => address >= start && address + bytes.length <= start + held.length);
  if (segment === undefined) throw new LinkError(`nothing is loaded at ${hex(address)} (${bytes.length} bytes)`);
  segment.bytes.set(bytes, address - segment.address);
}

function writeProgramData(layout: Layout, symbols: SymbolTable, segments: readonly Segment[]): void {
  const object = layout.spec.program?.object;
  if (object === undefined) return;
  for (const { address, bytes } of object.data) write(segments, address >>> 0, bytes);
  for (const { name, size, initial } of object.globals) {
    const cell = new DataView(new ArrayBuffer(8));
    cell.setBigInt64(0, initial, true);
    write(segments, layout.globals.get(name) ?? 0, new Uint8Array(cell.buffer, 0, size));
  }
  const slots = object.table.map((slot) => {
    if (slot === null) return 0;
    const symbol = symbols.get(slot);
    if (symbol === undefined) throw new LinkError(`${layout.spec.name}: "${slot}" of the function table is not defined`, slot);
    return symbol.address;
  });
  write(segments, layout.table, words(slots));
}

function collectSites(layout: Layout): readonly PlacedSite[] {
  const sites = layout.units.flatMap(({ unit, address }) =>
    unit.sites.map(({ offset, length, operation }) => ({ address: address + offset, length, operation })),
  );
  return sites.sort((a, b) => a.address - b.address);
}

function words(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(index * 4, value, true));
  return bytes;
}
