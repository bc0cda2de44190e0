import { ByteWriter } from "./bytes.ts";
import type { LineEntry } from "./lines.ts";
import type { SourceLine } from "./spec.ts";

/** The three sections that a debugger needs for "address to file and line" (DWARF 2.0.0). */
export interface DebugSections {
  readonly line: Uint8Array;
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
}

/** Names and numbers of DWARF 2, sections 6.2.5 and 7.5. */
const dwarf = {
  version: 2,
  tagCompileUnit: 0x11,
  childrenNo: 0,
  atName: 0x03,
  atStatementList: 0x10,
  atLowPc: 0x11,
  atHighPc: 0x12,
  atLanguage: 0x13,
  formAddress: 0x01,
  formData2: 0x05,
  formData4: 0x06,
  formString: 0x08,
  /** DW_LANG_C89: debuggers know no TypeScript, and C's expressions are the nearest. */
  languageC: 0x01,
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  extended: 0,
  endSequence: 1,
  setAddress: 2,
  /** Operand counts of the standard opcodes 1 to 9. */
  operandCounts: [0, 1, 1, 1, 1, 0, 0, 0, 1],
} as const;

/** An image as a debugger sees it: one compilation unit. */
export interface DebugUnit {
  readonly name: string;
  readonly lines: readonly LineEntry[];
  /** First address of the text, and one past its last. */
  readonly low: number;
  readonly high: number;
  readonly fileName: (source: SourceLine) => string;
}

/** Debug sections of one image. */
export function encodeDebugSections(unit: DebugUnit): DebugSections {
  return { line: encodeLines(unit), info: encodeInfo(unit), abbrev: encodeAbbreviations() };
}

function encodeAbbreviations(): Uint8Array {
  const out = new ByteWriter();
  const attributes = [
    [dwarf.atName, dwarf.formString],
    [dwarf.atLowPc, dwarf.formAddress],
    [dwarf.atHighPc, dwarf.formAddress],
    [dwarf.atLanguage, dwarf.formData2],
    [dwarf.atStatementList, dwarf.formData4],
    [0, 0],
  ] as const;
  out.uleb(1);
  out.uleb(dwarf.tagCompileUnit);
  out.u8(dwarf.childrenNo);
  for (const [attribute, form] of attributes) {
    out.uleb(attribute);
    out.uleb(form);
  }
  out.u8(0);
  return out.finish();
}

function encodeInfo({ name, low, high }: DebugUnit): Uint8Array {
  const out = new ByteWriter();
  out.u32(0);
  out.u16(dwarf.version);
  out.u32(0); // offset in .debug_abbrev
  out.u8(4); // bytes of an address
  out.uleb(1);
  out.text(name);
  out.u32(low);
  out.u32(high);
  out.u16(dwarf.languageC);
  out.u32(0); // offset in .debug_line
  out.patch32(0, out.length - 4);
  return out.finish();
}

function encodeLines({ lines, fileName }: DebugUnit): Uint8Array {
  const files = new Map<string, number>();
  for (const { source } of lines) {
    if (source !== null && !files.has(fileName(source))) files.set(fileName(source), files.size + 1);
  }
  const out = new ByteWriter();
  writeHeader(out, files);
  writeProgram(out, lines, (source) => files.get(fileName(source)) ?? 1);
  out.patch32(0, out.length - 4);
  return out.finish();
}

function writeHeader(out: ByteWriter, files: ReadonlyMap<string, number>): void {
  out.u32(0);
  out.u16(dwarf.version);
  const lengthAt = out.length;
  out.u32(0);
  out.u8(1); // minimum_instruction_length
  out.u8(1); // default_is_stmt
  out.u8(0xfb); // line_base -5, line_range 14: as gcc has them; special opcodes are not used
  out.u8(14);
  out.u8(dwarf.operandCounts.length + 1);
  out.raw(Uint8Array.from(dwarf.operandCounts));
  out.u8(0); // no include directories: file names are absolute
  for (const file of files.keys()) {
    out.text(file);
    out.raw(Uint8Array.of(0, 0, 0)); // directory, time, length
  }
  out.u8(0);
  out.patch32(lengthAt, out.length - lengthAt - 4);
}

/** The line number program: one sequence for each run of code (DWARF 2 section 6.2.5). */
function writeProgram(out: ByteWriter, entries: readonly LineEntry[], numberOf: (source: SourceLine) => number): void {
  let open: { address: number; line: number; file: number } | null = null;
  for (const { address, source } of entries) {
    if (open === null) {
      if (source === null) continue;
      writeExtended(out, dwarf.setAddress, address);
      open = { address, line: 1, file: 1 };
    }
    out.u8(dwarf.advancePc);
    out.uleb(address - open.address);
    open.address = address;
    if (source === null) {
      writeExtended(out, dwarf.endSequence);
      open = null;
      continue;
    }
    const file = numberOf(source);
    if (file !== open.file) {
      out.u8(dwarf.setFile);
      out.uleb(file);
    }
    out.u8(dwarf.advanceLine);
    out.sleb(source.line - open.line);
    out.u8(dwarf.copy);
    open = { address, line: source.line, file };
  }
}

function writeExtended(out: ByteWriter, opcode: number, address?: number): void {
  out.u8(dwarf.extended);
  out.uleb(address === undefined ? 1 : 5);
  out.u8(opcode);
  if (address !== undefined) out.u32(address);
}
