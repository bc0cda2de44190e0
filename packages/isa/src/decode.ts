import type { Decoded, Instruction, Repeat, Undecodable } from "./instruction.ts";
import {
  modrmTables,
  NONE,
  opcodeTable,
  TAIL_BYTE,
  TAIL_FAR,
  TAIL_NONE,
  TAIL_OFFSET,
  TAIL_SIGNED_BYTE,
  TAIL_SIZED,
  TAIL_WORD,
  TAIL_WORD_BYTE,
  tails,
} from "./lookup.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";

/** SDM 2A 2.3.11: the instruction-length limit. */
export const MAXIMUM_LENGTH = 15;

const SS = 2;
const DS = 3;

/**
 * The cursor and the fields of the instruction being decoded. They are module state so that the parts of the
 * decoder share them without an object in between; decode() leaves nothing in them that the next call reads.
 */
let source: Uint8Array;
let start = 0;
let cursor = 0;
let operandSize: 16 | 32 = 32;
let addressSize: 16 | 32 = 32;
let lock = false;
let repeat: Repeat = "none";
let override = -1;
let plane = 0;
let mod = 3;
let reg = 0;
let rm = 0;
let base = -1;
let index = -1;
let scale: 1 | 2 | 4 | 8 = 1;
let displacement = 0;
let immediate = 0;
let immediate2 = 0;
let stackBase = false;

/**
 * Decodes one instruction.
 * @param bytes code; it need not hold more than the instruction
 * @param at index of the first byte
 * @param bits default operand and address size, CS.D
 */
export function decode(bytes: Uint8Array, at: number, bits: 16 | 32): Decoded {
  source = bytes;
  start = at;
  cursor = at;
  readPrefixes(bits);
  let opcode = bytes[cursor - 1] ?? 0;
  let key = (plane << 8) | opcode;
  if (opcode === 0x0f) {
    opcode = readByte();
    key = 1024 | (plane << 8) | opcode;
  }

  let id = opcodeTable[key] ?? NONE;
  if (id < NONE) {
    if (cursor >= bytes.length) return refuse("truncated");
    id = modrmTables[-2 - id]?.[bytes[cursor] ?? 0] ?? NONE;
  }
  const row = rows[id];
  if (row === undefined) return refuse(isCutShort() ?? "undefined");
  return operands(row, opcode);
}

function operands(row: Row, opcode: number): Decoded {
  mod = 3;
  reg = opcode & 7;
  rm = 0;
  base = index = -1;
  scale = 1;
  displacement = immediate = immediate2 = 0;
  stackBase = false;
  if (row.hasModrm) readModrm(row.modIgnored);
  const tail = tails[row.id] ?? TAIL_NONE;
  if (tail !== TAIL_NONE) readTail(tail);

  const cut = isCutShort();
  if (cut !== undefined) return refuse(cut);
  const memory = mod !== 3 || tail === TAIL_OFFSET;
  if (lock && !(row.lockable && memory)) return refuse("lock");
  return result(row, opcode, memory);
}

function result(row: Row, opcode: number, memory: boolean): Instruction {
  return {
    ok: true,
    row,
    length: cursor - start,
    operandSize,
    addressSize,
    lock,
    repeat,
    segmentOverride: override,
    segment: override >= 0 ? override : stackBase ? SS : DS,
    opcode,
    memory,
    mod,
    reg,
    rm,
    base,
    index,
    scale,
    displacement,
    immediate,
    immediate2,
  };
}

function refuse(reason: Undecodable["reason"]): Undecodable {
  return { ok: false, reason, length: Math.min(cursor, source.length) - start };
}

/** Whether more was read than an instruction may have, or than there is. Reads past the end give 0 and are found out here. */
function isCutShort(): "truncated" | "too-long" | undefined {
  const length = cursor - start;
  if (length > MAXIMUM_LENGTH && start + MAXIMUM_LENGTH <= source.length) return "too-long";
  return cursor > source.length ? "truncated" : undefined;
}

/** Reads up to and including the first byte that is no prefix. The last of several prefixes of a kind counts. */
function readPrefixes(bits: 16 | 32): void {
  operandSize = addressSize = bits;
  lock = false;
  repeat = "none";
  override = -1;
  plane = 0;
  const end = start + MAXIMUM_LENGTH;
  while (cursor <= end) {
    switch (readByte()) {
      case 0x66:
        operandSize = bits === 32 ? 16 : 32;
        if (plane === 0) plane = 1;
        break;
      case 0x67:
        addressSize = bits === 32 ? 16 : 32;
        break;
      case 0xf0:
        lock = true;
        break;
      case 0xf2:
        repeat = "repne";
        plane = 3;
        break;
      case 0xf3:
        repeat = "rep";
        plane = 2;
        break;
      case 0x26:
        override = 0;
        break;
      case 0x2e:
        override = 1;
        break;
      case 0x36:
        override = 2;
        break;
      case 0x3e:
        override = 3;
        break;
      case 0x64:
        override = 4;
        break;
      case 0x65:
        override = 5;
        break;
      default:
        return;
    }
  }
}

/** SDM 2A tables 2-1 to 2-3. */
function readModrm(modIgnored: boolean): void {
  const modrm = readByte();
  mod = modIgnored ? 3 : modrm >> 6;
  reg = (modrm >> 3) & 7;
  rm = modrm & 7;
  if (mod === 3) return;
  if (addressSize === 16) return readAddress16();

  base = rm;
  if (rm === 4) readSib();
  if (mod === 0 && base === 5) {
    base = -1;
    displacement = readSized(32);
    return;
  }
  stackBase = base === 4 || base === 5;
  if (mod === 1) displacement = readSignedByte();
  else if (mod === 2) displacement = readSized(32);
}

function readSib(): void {
  const sib = readByte();
  base = sib & 7;
  index = (sib >> 3) & 7;
  // The four shifts of two bits give exactly the four scales.
  scale = (1 << (sib >> 6)) as 1 | 2 | 4 | 8;
  if (index === 4) {
    index = -1;
    scale = 1;
  }
}

/** Base and index of 16-bit addressing by ModRM.rm: BX 3, BP 5, SI 6, DI 7. */
const bases16 = [3, 3, 5, 5, 6, 7, 5, 3] as const;
const indexes16 = [6, 7, 6, 7, -1, -1, -1, -1] as const;

function readAddress16(): void {
  if (mod === 0 && rm === 6) {
    displacement = readWord();
    return;
  }
  base = bases16[rm] ?? -1;
  index = indexes16[rm] ?? -1;
  stackBase = base === 5;
  if (mod === 1) displacement = readSignedByte();
  else if (mod === 2) displacement = readSized(16);
}

function readTail(tail: number): void {
  switch (tail) {
    case TAIL_BYTE:
      immediate = readByte();
      break;
    case TAIL_SIGNED_BYTE:
      immediate = readSignedByte();
      break;
    case TAIL_WORD:
      immediate = readWord();
      break;
    case TAIL_SIZED:
      immediate = readSized(operandSize);
      break;
    case TAIL_WORD_BYTE:
      immediate = readWord();
      immediate2 = readByte();
      break;
    case TAIL_FAR:
      immediate = operandSize === 16 ? readWord() : readSized(32);
      immediate2 = readWord();
      break;
    case TAIL_OFFSET:
      displacement = addressSize === 16 ? readWord() : readSized(32);
      break;
  }
}

function readByte(): number {
  return source[cursor++] ?? 0;
}

function readSignedByte(): number {
  return (readByte() << 24) >> 24;
}

function readWord(): number {
  const low = readByte();
  return low | (readByte() << 8);
}

/** Signed. */
function readSized(size: 16 | 32): number {
  const low = readWord();
  return size === 16 ? (low << 16) >> 16 : low | (readWord() << 16);
}
