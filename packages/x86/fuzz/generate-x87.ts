import { isX87, rows, type OperandType, type Row } from "@mercury/isa";
import { closing } from "./deviations.ts";
import { alignment, instructionOf } from "./generate.ts";
import { CODE_BYTES, ENVIRONMENT_AT, EXTENDED, image, IMAGE_AT, REGION, WINDOW, WINDOW_AT, type Case } from "./layout.ts";
import type { Random } from "./random.ts";
import { randomBits, randomRegister } from "./reals.ts";
import { vectorData } from "./vectors.ts";

/** Results that need not be the same bits: they are compared apart, within an ulp. */
export const transcendental: ReadonlySet<string> = new Set(["f2xm1", "fyl2x", "fyl2xp1", "fptan", "fpatan", "fsin", "fcos", "fsincos"]);

const isImage = ({ mnemonic }: Row): boolean => mnemonic === "fxsave" || mnemonic === "fxrstor";

/** The forms that are compared bit for bit. */
export const x87Rows: readonly Row[] = rows.filter(
  (row) => (isX87(row) || isImage(row) || row.mnemonic === "wait") && !transcendental.has(row.mnemonic),
);

const memoryBytes: Partial<Record<OperandType, number>> = { f32: 4, f64: 8, f80: 10, i16: 2, i32: 4, i64: 8, bcd: 10, w: 2 };

/** Environments are kept at one place, so that what is not compared of them is too. */
const isEnvironment = (row: Row): boolean => row.operands.some(({ type }) => type === "env" || type === "state");

function absolute(row: Row, address: number): number[] {
  return [...(row.map === 1 ? [0x0f] : []), row.opcodeByte, (row.digit << 3) | 5, ...littleEndian(address)];
}

/** What the instructions of one sequence have in common. */
interface Plan {
  /**
   * Environments are stored and loaded, in one format, so that the pointers in them are read as nothing else; other operands in
   * memory keep away from them. `image`: FXSAVE and FXRSTOR instead.
   */
  readonly environment: "none" | "short" | "long" | "image";
  readonly window: Uint8Array;
}

/** The pointers of both formats begin at the same address. */
function environmentInstruction(row: Row, { environment }: Plan): number[] {
  return environment === "short" ? [0x66, ...absolute(row, ENVIRONMENT_AT + 6)] : absolute(row, ENVIRONMENT_AT);
}

/** What is not on a 16-byte boundary raises #GP. */
const imageInstruction = (row: Row, random: Random): number[] => absolute(row, IMAGE_AT + (random.chance(16) ? random.below(16) : 0));

/** FILD m16: the pointers to instruction and operand are then known, whatever the host's kernel has left in them. */
const known = (random: Random): number[] => [0xdf, 0x05, ...littleEndian(WINDOW_AT + random.below(BEFORE - 2))];
const littleEndian = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24];

/** Bytes of the window before the environments. */
const BEFORE = ENVIRONMENT_AT - WINDOW_AT;

/** An operand in memory gets a value of its type first. */
function memoryInstruction(row: Row, type: OperandType, random: Random, { environment, window }: Plan): number[] {
  const bytes = memoryBytes[type] ?? 2;
  const offset = random.below((environment === "none" ? WINDOW : BEFORE) - bytes);
  let bits = randomBits(type, random);
  for (let at = 0; at < bytes; at++, bits >>= 8n) window[offset + at] = Number(bits & 0xffn);
  return absolute(row, WINDOW_AT + offset);
}

function bytesOf(row: Row, random: Random, plan: Plan): number[] {
  if (isImage(row)) return imageInstruction(row, random);
  if (isEnvironment(row)) return environmentInstruction(row, plan);
  const type = row.operands[0]?.type ?? "";
  const inMemory = row.modrmForm === "memory";
  if (inMemory && (plan.environment !== "none" || !random.chance(8))) return memoryInstruction(row, type, random, plan);
  if (inMemory || row.mnemonic === "wait") return instructionOf(row, random);
  const rm = row.rm >= 0 ? row.rm : random.chance(2) ? random.below(3) : random.below(8);
  return [row.opcodeByte, 0xc0 | (row.digit << 3) | rm];
}

const MASKS = 0x3f;

/** Mostly masked exceptions, and all rounding and precision controls. */
function controlWord(random: Random): number {
  const masks = random.chance(3) ? random.next() & MASKS : MASKS;
  return 0x40 | masks | ((random.next() & 0xf) << 8);
}

/** Conditions, and exceptions that are not pending but now and then. */
function statusWord(random: Random, control: number): number {
  const exceptions = random.chance(4) ? random.next() & MASKS : 0;
  const raised = random.chance(8) ? exceptions : exceptions & control;
  const pending = (raised & ~control) !== 0 ? 0x8080 : 0;
  return raised | pending | (random.next() & 0x7f00);
}

function fpuState(random: Random): Uint8Array {
  const bytes = new Uint8Array(EXTENDED);
  const view = new DataView(bytes.buffer);
  view.setUint32(image.mxcsr, 0x1f80, true);
  const control = controlWord(random);
  view.setUint16(image.control, control, true);
  view.setUint16(image.status, statusWord(random, control), true);
  view.setUint8(image.tags, random.chance(2) ? 0xff : random.chance(2) ? random.next() & 0xff : 0xff ^ (1 << random.below(8)));
  bytes.set(vectorData(EXTENDED - image.xmm, random), image.xmm);
  let previous = 0n;
  for (let i = 0; i < 8; i++) {
    previous = randomRegister(random, previous);
    view.setBigUint64(image.registers + i * 16, BigInt.asUintN(64, previous), true);
    view.setUint16(image.registers + i * 16 + 8, Number(previous >> 64n), true);
  }
  return bytes;
}

function chooseEnvironment(first: Row, random: Random): Plan["environment"] {
  if (isImage(first)) return "image";
  if (!isEnvironment(first) && !random.chance(8)) return "none";
  if (!isEnvironment(first) && random.chance(3)) return "image";
  return random.chance(3) ? "short" : "long";
}

/** A sequence of 1 to `longest` x87 instructions, beginning with a form of `first` and going on with `among`. */
export function generateX87Case(first: Row, among: readonly Row[], random: Random, longest: number): Case {
  const window = Uint8Array.from({ length: WINDOW }, () => random.next() & 0xff);
  const code: number[] = [];
  const mnemonics: string[] = [];
  const environment = chooseEnvironment(first, random);
  if (environment !== "none") {
    code.push(...known(random));
    mnemonics.push("fild Mw");
  }
  const count = 1 + random.below(longest);
  for (let index = 0; index < count; index++) {
    const row = index === 0 ? first : (among[random.below(among.length)] ?? first);
    if (isImage(row) ? environment !== "image" : isEnvironment(row) && (environment === "none" || environment === "image")) continue;
    const bytes = [...bytesOf(row, random, { environment, window }), ...closing(row.mnemonic)];
    if (code.length + bytes.length > CODE_BYTES - 1) break;
    code.push(...bytes);
    mnemonics.push(`${row.mnemonic} ${row.operands.map(({ code: operand }) => operand).join(",")}`.trim());
  }
  const padded = new Uint8Array(CODE_BYTES).fill(0xcc);
  padded.set(code);
  const registers = Array.from({ length: 8 }, () => WINDOW_AT + random.below(WINDOW));
  const eflags = 0x202 | (random.next() & 0x8d5) | alignment(random);
  const codeOffset = random.chance(4) ? REGION / 2 - random.below(16) : 64 * random.below(32);
  return { registers, eflags, codeOffset, code: padded, window, extended: fpuState(random), undefinedFlags: 0, mnemonics };
}
