import { ByteWriter } from "./bytes.ts";
import { encodeDebugSections } from "./dwarf.ts";
import { encodeFrames } from "./frames.ts";
import type { LinkedImage, Segment } from "./image.ts";
import { align } from "./layout.ts";
import type { SourceLine } from "./spec.ts";
import type { ImageSymbol } from "./symbols.ts";

/** Numbers of the System V ABI, "Object Files", and its Intel386 supplement. */
const elf = {
  classAndData: [1, 1, 1],
  typeExecutable: 2,
  machine386: 3,
  version: 1,
  headerSize: 52,
  programHeaderSize: 32,
  sectionHeaderSize: 40,
  symbolSize: 16,
  load: 1,
  flagExecute: 1,
  flagWrite: 2,
  flagRead: 4,
  sectionProgram: 1,
  sectionSymbols: 2,
  sectionStrings: 3,
  sectionWrite: 1,
  sectionAllocate: 2,
  sectionExecute: 4,
  bindGlobal: 1,
  typeObject: 1,
  typeFunction: 2,
  indexAbsolute: 0xfff1,
} as const;

const pageSize = 4096;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

/** Settings of an ELF file. */
export interface ElfOptions {
  /** Symbol table and line numbers (about as large as the code); true unless given. */
  readonly debug?: boolean;
  /**
   * How the line table names files: by their paths (unless given), for a debugger on this machine, or as modules, so that the same sources
   * give the same bytes wherever they lie.
   */
  readonly sources?: "paths" | "modules";
}

/** An ELF32 executable (ET_EXEC) of the image: one PT_LOAD for each segment, symbols, and DWARF 2 line numbers. */
export function writeElf(image: LinkedImage, options: ElfOptions = {}): Uint8Array {
  const sections = (options.debug ?? true) ? debugSections(image, options.sources ?? "paths") : [];
  const out = new ByteWriter();
  const headersEnd = elf.headerSize + image.segments.length * elf.programHeaderSize;
  out.padTo(headersEnd);
  const segmentOffsets = image.segments.map((segment) => writeSegment(out, segment));
  const sectionOffsets = sections.map((section) => {
    out.padTo(align(out.length, section.alignment));
    const offset = out.length;
    out.raw(section.bytes);
    return offset;
  });
  out.padTo(align(out.length, 4));
  const tableOffset = sections.length === 0 ? 0 : out.length;
  if (sections.length > 0) writeSectionHeaders(out, image, segmentOffsets, sections, sectionOffsets);
  const file = out.finish();
  file.set(fileHeader(image, tableOffset, sections.length));
  file.set(programHeaders(image, segmentOffsets), elf.headerSize);
  return file;
}

/** Writes the bytes at a file offset that is congruent to the address modulo the page size, as a pager wants it. */
function writeSegment(out: ByteWriter, segment: Segment): number {
  const offset = align(out.length, pageSize) + (segment.address % pageSize);
  out.padTo(offset);
  out.raw(segment.bytes);
  return offset;
}

function fileHeader(image: LinkedImage, tableOffset: number, extraSections: number): Uint8Array {
  const sectionCount = tableOffset === 0 ? 0 : 1 + image.segments.length + extraSections;
  const out = new ByteWriter();
  out.raw(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, ...elf.classAndData));
  out.padTo(16);
  out.u16(elf.typeExecutable);
  out.u16(elf.machine386);
  out.u32(elf.version);
  out.u32(image.entry);
  out.u32(elf.headerSize);
  out.u32(tableOffset);
  out.u32(0);
  out.u16(elf.headerSize);
  out.u16(elf.programHeaderSize);
  out.u16(image.segments.length);
  out.u16(elf.sectionHeaderSize);
  out.u16(sectionCount);
  out.u16(Math.max(0, sectionCount - 1));
  return out.finish();
}

function programHeaders(image: LinkedImage, offsets: readonly number[]): Uint8Array {
  const out = new ByteWriter();
  image.segments.forEach((segment, index) => {
    out.u32(elf.load);
    out.u32(offsets[index] ?? 0);
    out.u32(segment.address);
    out.u32(segment.physical);
    out.u32(segment.bytes.length);
    out.u32(segment.memorySize);
    out.u32(elf.flagRead | (segment.writable ? elf.flagWrite : 0) | (segment.executable ? elf.flagExecute : 0));
    out.u32(pageSize);
  });
  return out.finish();
}

/** Sections that are not loaded; the section header table's string table comes last. */
function debugSections(image: LinkedImage, sources: "paths" | "modules"): Section[] {
  const plain = { type: elf.sectionProgram, flags: 0, address: 0, link: 0, info: 0, alignment: 1, entrySize: 0 };
  const { symbols, strings } = encodeSymbols(image);
  const { text } = image.layout;
  const fileName = ({ file, module }: SourceLine): string => (sources === "paths" ? file : (module ?? file));
  const debug = encodeDebugSections({ name: image.name, lines: image.lines, low: text.start, high: text.end, fileName });
  // Index of .strtab: the null section, one section a segment, .symtab, then .strtab.
  const stringIndex = image.segments.length + 2;
  const named: Section[] = [
    {
      ...plain,
      name: ".symtab",
      type: elf.sectionSymbols,
      bytes: symbols,
      link: stringIndex,
      info: 1,
      alignment: 4,
      entrySize: elf.symbolSize,
    },
    { ...plain, name: ".strtab", type: elf.sectionStrings, bytes: strings },
    { ...plain, name: ".debug_frame", bytes: encodeFrames(image.layout.units), alignment: 4 },
    { ...plain, name: ".debug_line", bytes: debug.line },
    { ...plain, name: ".debug_info", bytes: debug.info },
    { ...plain, name: ".debug_abbrev", bytes: debug.abbrev },
  ];
  const names = [...image.segments.map((segment) => `.${segment.name}`), ...named.map((section) => section.name), ".shstrtab"];
  return [...named, { ...plain, name: ".shstrtab", type: elf.sectionStrings, bytes: stringTable(names).bytes }];
}

function encodeSymbols(image: LinkedImage): { symbols: Uint8Array; strings: Uint8Array } {
  const entries = [...image.symbols].sort(([, a], [, b]) => a.address - b.address);
  const strings = stringTable(entries.map(([name]) => name));
  const out = new ByteWriter();
  out.padTo(elf.symbolSize);
  for (const [name, symbol] of entries) {
    out.u32(strings.offsets.get(name) ?? 0);
    out.u32(symbol.address);
    out.u32(symbol.size);
    out.u8((elf.bindGlobal << 4) | (symbol.kind === "function" ? elf.typeFunction : elf.typeObject));
    out.u8(0);
    out.u16(sectionOf(image, symbol));
  }
  return { symbols: out.finish(), strings: strings.bytes };
}

function sectionOf(image: LinkedImage, { address, kind }: ImageSymbol): number {
  const index =
    kind === "constant"
      ? -1
      : image.segments.findIndex((segment) => address >= segment.address && address <= segment.address + segment.memorySize);
  return index < 0 ? elf.indexAbsolute : index + 1;
}

function stringTable(names: readonly string[]): { bytes: Uint8Array; offsets: ReadonlyMap<string, number> } {
  const out = new ByteWriter();
  const offsets = new Map<string, number>();
  out.u8(0);
  for (const name of names) {
    if (offsets.has(name)) continue;
    offsets.set(name, out.length);
    out.text(name);
  }
  return { bytes: out.finish(), offsets };
}

function writeSectionHeaders(
  out: ByteWriter,
  image: LinkedImage,
  segmentOffsets: readonly number[],
  sections: readonly Section[],
  offsets: readonly number[],
): void {
  const names = stringTable([...image.segments.map((segment) => `.${segment.name}`), ...sections.map((section) => section.name)]).offsets;
  const header = (section: Section, offset: number): void => {
    const values = [
      names.get(section.name) ?? 0,
      section.type,
      section.flags,
      section.address,
      offset,
      section.bytes.length,
      section.link,
      section.info,
      section.alignment,
      section.entrySize,
    ];
    values.forEach((value) => out.u32(value));
  };
  out.padTo(out.length + elf.sectionHeaderSize);
  image.segments.forEach((segment, index) => {
    const flags = elf.sectionAllocate | (segment.writable ? elf.sectionWrite : 0) | (segment.executable ? elf.sectionExecute : 0);
    header(
      {
        name: `.${segment.name}`,
        type: elf.sectionProgram,
        flags,
        address: segment.address,
        bytes: segment.bytes,
        link: 0,
        info: 0,
        alignment: 1,
        entrySize: 0,
      },
      segmentOffsets[index] ?? 0,
    );
  });
  sections.forEach((section, index) => header(section, offsets[index] ?? 0));
}
