/** The decode tables, filled from the rows when the module is loaded. */
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";

/** No instruction. */
export const NONE = -1;

/** The planes of one opcode map: what a mandatory prefix selects between. */
const prefixes: readonly Row["mandatoryPrefix"][] = [0, 0x66, 0xf3, 0xf2];

/**
 * Indexed by map * 1024 + plane * 256 + opcode byte, with plane 0 no prefix, 1 66, 2 F3, 3 F2.
 * A value from 0 on is a row id; {@link NONE} is undefined; a value below is -2 minus an index of {@link modrmTables}.
 */
export const opcodeTable: Int16Array = new Int16Array(2 * prefixes.length * 256).fill(NONE);

/** For opcodes that ModRM takes part in: row id, or {@link NONE}, by ModRM byte. */
export const modrmTables: Int16Array[] = [];

/**
 * What follows the opcode and its ModRM operand, by row id. A small integer, so that the decoder switches on it:
 * the operand sizes are those of `Row.operands`.
 */
export const tails: Uint8Array = new Uint8Array(rows.length);

export const TAIL_NONE = 0;
/** Ib: unsigned byte. */
export const TAIL_BYTE = 1;
/** Ibs, Jb: signed byte. */
export const TAIL_SIGNED_BYTE = 2;
/** Iw: unsigned word. */
export const TAIL_WORD = 3;
/** Iz, Iv, Jz: by operand size, signed. */
export const TAIL_SIZED = 4;
/** Iw,Ib. */
export const TAIL_WORD_BYTE = 5;
/** Ap: offset by operand size, selector. */
export const TAIL_FAR = 6;
/** Ob, Ov: address by address size. */
export const TAIL_OFFSET = 7;

const tailByCodes: Readonly<Record<string, number>> = {
  "": TAIL_NONE,
  Ib: TAIL_BYTE,
  Ibs: TAIL_SIGNED_BYTE,
  Jb: TAIL_SIGNED_BYTE,
  Iw: TAIL_WORD,
  Iz: TAIL_SIZED,
  Iv: TAIL_SIZED,
  Jz: TAIL_SIZED,
  "Iw,Ib": TAIL_WORD_BYTE,
  Ap: TAIL_FAR,
  Ob: TAIL_OFFSET,
  Ov: TAIL_OFFSET,
};

/**
 * Enters the rows so that the more particular wins: an exact opcode over `+r`, `/digit` over `/r`,
 * a mandatory prefix over none.
 */
function fill(): void {
  const particular = (row: Row): number => (row.plusRegister ? 0 : 1) + (row.digit >= 0 ? 2 : 0) + (row.mandatoryPrefix === 0 ? 0 : 4);
  for (const row of rows.toSorted((a, b) => particular(a) - particular(b))) {
    tails[row.id] = tailOf(row);
    for (const [plane, prefix] of prefixes.entries()) {
      if ((row.mandatoryPrefix === 0 && !row.noPrefix) || row.mandatoryPrefix === prefix) enter(row, plane);
    }
  }
}

function tailOf(row: Row): number {
  const codes = row.operands.filter(({ method }) => "IJAO".includes(method)).map(({ code }) => code);
  const tail = tailByCodes[codes.join(",")];
  if (tail === undefined) throw new TypeError(`${row.mnemonic} ${row.opcode}: no decoder for the immediates "${codes.join(",")}"`);
  return tail;
}

function enter(row: Row, plane: number): void {
  const first = row.map * 1024 + plane * 256 + row.opcodeByte;
  const count = row.plusRegister ? 8 : 1;
  for (let at = first; at < first + count; at++) {
    if (!row.hasModrm) opcodeTable[at] = row.id;
    else enterModrm(row, modrmTableAt(at));
  }
}

function enterModrm(row: Row, table: Int16Array): void {
  for (let modrm = 0; modrm < 256; modrm++) {
    const register = modrm >= 0xc0;
    const reg = (modrm >> 3) & 7;
    if ((row.regMask & (1 << reg)) === 0) continue;
    if (row.rm >= 0 && (modrm & 7) !== row.rm) continue;
    if (register && row.modrmForm === "memory") continue;
    if (!register && row.modrmForm === "register" && !row.modIgnored) continue;
    table[modrm] = row.id;
  }
}

function modrmTableAt(at: number): Int16Array {
  const existing = modrmTables[-2 - (opcodeTable[at] ?? NONE)];
  if (existing !== undefined) return existing;
  const table = new Int16Array(256).fill(NONE);
  opcodeTable[at] = -2 - modrmTables.length;
  modrmTables.push(table);
  return table;
}

/** Opcodes whose 256 ModRM bytes all mean one row need no second table. */
function collapse(): void {
  for (const [at, entry] of opcodeTable.entries()) {
    const table = modrmTables[-2 - entry];
    const only = table?.[0] ?? NONE;
    if (only !== NONE && table?.every((id) => id === only)) opcodeTable[at] = only;
  }
}

fill();
collapse();
