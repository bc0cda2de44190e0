import { encode, registers32 } from "@mercury/isa";
import type { CodeFunction, LineRow, Relocation, SiteUse, StackRow } from "../object.ts";
import { jumpBytes, labelOffset, layOut, type Layout, type Piece } from "./branches.ts";
import { encodeInstruction, epilogue, prologue } from "./encode.ts";
import { frameOf, type Frame } from "./frame.ts";
import type { Instruction, MirFunction } from "./mir.ts";
import { conditionOfJump } from "./shapes.ts";

/** Start alignment of functions: a cache line's half, as gcc has it for i686. */
const functionAlignment = 16;

/** Turns an allocated function into bytes with relocations, line rows and sites. */
export function emitFunction(mir: MirFunction, aliases: readonly string[]): CodeFunction {
  const writer = new Writer(mir);
  for (const instruction of mir.instructions) writer.add(instruction);
  return { name: mir.name, aliases, alignment: functionAlignment, section: ".text", ...writer.finish() };
}

interface Note<T> {
  /** Index of the piece that the note is about. */
  readonly piece: number;
  readonly value: T;
}

class Writer {
  private readonly mir: MirFunction;
  private readonly frame: Frame;
  private readonly pieces: Piece[] = [];
  private readonly relocations: Note<Relocation>[] = [];
  private readonly sites: Note<{ operation: string; length: number }>[] = [];
  private readonly lines: Note<number>[] = [];
  /** Bytes between ESP and the return address, wherever they change. */
  private readonly stack: Note<number>[] = [];
  private readonly tables: { labels: readonly number[]; at: number }[] = [];
  private depth = 0;
  private line = -1;

  constructor(mir: MirFunction) {
    this.mir = mir;
    this.frame = frameOf(mir);
    const { saved, locals } = this.frame;
    prologue(this.frame).forEach((bytes, index) => {
      this.pieces.push({ kind: "bytes", bytes });
      this.noteStack(index < saved.length ? (index + 1) * 4 : saved.length * 4 + locals);
    });
  }

  add(instruction: Instruction): void {
    if (instruction.mnemonic !== "label") this.noteLine(instruction.at);
    switch (instruction.mnemonic) {
      case "label":
        return this.place(instruction.target);
      case "jmp":
        this.pieces.push({ kind: "jump", condition: null, label: instruction.target });
        return;
      case "jumpTable":
        return this.jumpThrough(instruction);
      case "ret":
        return this.leave();
      default:
        return this.plain(instruction);
    }
  }

  private leave(): void {
    const { saved, locals } = this.frame;
    const pieces = epilogue(this.frame, this.mir.incoming);
    pieces.forEach((bytes, index) => {
      this.pieces.push({ kind: "bytes", bytes });
      this.noteStack((pieces.length - 2 - index) * 4);
    });
    // What follows the return was jumped to from before it.
    this.noteStack(saved.length * 4 + locals);
  }

  /** `depth` holds from the next piece on; a later note at the same place replaces an earlier one. */
  private noteStack(depth: number): void {
    this.stack.push({ piece: this.pieces.length, value: depth });
  }

  private noteLine(at: number): void {
    if (at === this.line) return;
    this.line = at;
    this.lines.push({ piece: this.pieces.length, value: at });
  }

  private place(label: number): void {
    if (this.depth !== 0) throw new Error(`${this.mir.name}: ${this.depth} bytes are on the stack at label ${label}`);
    this.pieces.push({ kind: "label", label });
  }

  private plain(instruction: Instruction): void {
    const condition = conditionOfJump(instruction.mnemonic);
    if (condition) {
      this.pieces.push({ kind: "jump", condition, label: instruction.target });
      return;
    }
    // POP adds 4 to esp before it computes the address of a memory target (SDM 2B POP); PUSH reads its operand before.
    const depth = instruction.mnemonic === "pop" ? this.depth + instruction.stack : this.depth;
    const chunk = encodeInstruction(instruction, this.frame, depth);
    const piece = this.pieces.push({ kind: "bytes", bytes: chunk.bytes }) - 1;
    for (const value of chunk.relocations) this.relocations.push({ piece, value });
    if (instruction.site !== null) this.sites.push({ piece, value: { operation: instruction.site, length: chunk.bytes.length } });
    this.depth += instruction.stack;
    if (instruction.stack !== 0) this.noteStack(this.frame.saved.length * 4 + this.frame.locals + this.depth);
  }

  /** `jmp [table + register * 4]`, with the table behind the function's code. */
  private jumpThrough(instruction: Instruction): void {
    const [index] = instruction.operands;
    if (index?.kind !== "register") throw new TypeError("a jump table is indexed by a register");
    const encoded = encode("jmp", [
      { kind: "memory", size: 32, index: registers32[index.reg] ?? "eax", scale: 4, displacement: 0, displacementSize: 32 },
    ]);
    const piece = this.pieces.push({ kind: "bytes", bytes: encoded.bytes }) - 1;
    this.tables.push({ labels: instruction.targets, at: this.relocations.length });
    this.relocations.push({
      piece,
      value: { offset: encoded.displacement?.offset ?? 3, kind: "absolute", target: this.mir.name, addend: 0 },
    });
  }

  finish(): Pick<CodeFunction, "code" | "instructionsEnd" | "relocations" | "sites" | "lines" | "stack"> {
    const firstTable = this.pieces.length;
    const tablePieces = this.tables.map(({ labels }) => this.pieces.push({ kind: "table", labels }) - 1);
    const layout = layOut(this.pieces);
    const offset = (piece: number): number => layout.offsets[piece] ?? 0;
    const tableStart = (piece: number): number => (offset(piece) + 3) & ~3;
    this.tables.forEach(({ at }, index) => {
      const note = this.relocations[at];
      if (note) this.relocations[at] = { ...note, value: { ...note.value, addend: tableStart(tablePieces[index] ?? 0) } };
    });
    const relocations = this.relocations.map(({ piece, value }) => ({ ...value, offset: value.offset + offset(piece) }));
    const entries = this.tables.flatMap(({ labels }, index) =>
      labels.map((label, entry): Relocation => ({
        offset: tableStart(tablePieces[index] ?? 0) + entry * 4,
        kind: "absolute",
        target: this.mir.name,
        addend: labelOffset(layout, label),
      })),
    );
    const sites = this.sites.map(({ piece, value }): SiteUse => ({ offset: offset(piece), ...value }));
    const lines = this.lines.map(({ piece, value }): LineRow => ({ offset: offset(piece), wasmOffset: value }));
    return {
      code: this.bytes(layout),
      instructionsEnd: offset(firstTable),
      relocations: [...relocations, ...entries],
      sites,
      lines: distinct(lines),
      stack: { rows: this.stackRows(offset), saved: this.frame.saved, savedAt: offset(this.frame.saved.length) },
    };
  }

  private stackRows(offset: (piece: number) => number): StackRow[] {
    const rows = this.stack.map(({ piece, value }): StackRow => ({ offset: offset(piece), depth: value }));
    const last = rows.filter((row, index) => rows[index + 1]?.offset !== row.offset);
    return last.filter((row, index) => row.depth !== (last[index - 1]?.depth ?? 0));
  }

  private bytes(layout: Layout): Uint8Array {
    const code = new Uint8Array(layout.offsets[this.pieces.length] ?? 0);
    this.pieces.forEach((piece, index) => {
      const offset = layout.offsets[index] ?? 0;
      if (piece.kind === "bytes") code.set(piece.bytes, offset);
      if (piece.kind === "jump") code.set(jumpBytes(layout, index, piece.condition, piece.label), offset);
    });
    return code;
  }
}

/** Of rows at one offset, the last. */
function distinct(lines: readonly LineRow[]): LineRow[] {
  return lines.filter((line, index) => lines[index + 1]?.offset !== line.offset);
}
