import { isX87, rows, type OperandForm, type Row } from "@mercury/isa";
import { CODE_BYTES, DATA, REGION, WINDOW, WINDOW_AT, type Case } from "./layout.ts";
import type { Random } from "./random.ts";
import { extendedState, vectorData } from "./vectors.ts";

/**
 * Left out, because the host's kernel shows or decides the result: selectors and descriptor tables, system calls, time,
 * identification; and what would change the harness itself (TF in an image, far transfers).
 */
const excluded: ReadonlySet<string> = new Set([
  "int",
  "int1",
  "int3",
  "iret",
  "sysenter",
  "sysexit",
  "callf",
  "jmpf",
  "retf",
  "popf",
  "les",
  "lds",
  "lss",
  "lfs",
  "lgs",
  "lar",
  "lsl",
  "verr",
  "verw",
  "sgdt",
  "sidt",
  "sldt",
  "str",
  "smsw",
  "lgdt",
  "lidt",
  "lldt",
  "ltr",
  "lmsw",
  "cpuid",
  "rdtsc",
  "rdpmc",
  "rdmsr",
  "wrmsr",
  "wait",
  "ud0",
  "ud1",
  "rsm",
  // Generated with the x87 forms.
  "fxsave",
  "fxrstor",
  // Approximations are bounded, not defined.
  "rcpps",
  "rcpss",
  "rsqrtps",
  "rsqrtss",
]);

const usesSelectors = (row: Row): boolean =>
  row.operands.some(({ method, code }) => method === "S" || method === "C" || method === "D" || /^[CDEFGS]S$/.test(code));

/** The forms that are compared. */
export const comparedRows: readonly Row[] = rows.filter((row) => !excluded.has(row.mnemonic) && !isX87(row) && !usesSelectors(row));

const edges: readonly [number, ...number[]] = [
  0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, -0x80000000, -1, -2, -16, -128,
];

function value(random: Random): number {
  const kind = random.below(8);
  if (kind < 2) return WINDOW_AT + 16 * random.below(WINDOW / 16);
  if (kind < 4) return WINDOW_AT + random.below(WINDOW);
  if (kind === 4) return random.below(48);
  if (kind === 5) return random.pick(edges);
  if (kind === 6) return random.next();
  return random.pick([DATA, DATA + REGION]) + random.below(16) - 8;
}

function put(out: number[], number: number, bits: number): void {
  for (let shift = 0; shift < bits; shift += 8) out.push((number >> shift) & 0xff);
}

/** A memory operand that is likely to be in the window. */
function putMemory(out: number[], reg: number, random: Random, wide: boolean): void {
  const mod = random.below(3);
  const rm = random.below(8);
  out.push((mod << 6) | (reg << 3) | rm);
  if (!wide) {
    if (mod === 0 && rm === 6) put(out, random.next(), 16);
    else if (mod > 0) put(out, random.next(), mod * 8);
    return;
  }
  let base = rm;
  if (rm === 4) {
    const sib = random.next() & 0xff;
    out.push(sib);
    base = sib & 7;
  }
  const absolute = mod === 0 && base === 5;
  // Vectors in memory have to be aligned, so most displacements are.
  const grain = random.chance(3) ? 1 : 16;
  const near = (range: number): number => (random.below(range) - range / 2) & -grain;
  if (absolute) put(out, WINDOW_AT + (random.below(WINDOW) & -grain), 32);
  else if (mod === 1) put(out, near(64), 8);
  else if (mod === 2) put(out, random.chance(4) ? random.next() : near(256), 32);
}

function putModrm(out: number[], row: Row, random: Random, wide: boolean): void {
  let reg = row.digit >= 0 ? row.digit : random.below(8);
  while (((row.regMask >> reg) & 1) === 0) reg = (reg + 1) & 7;
  const memory = row.modrmForm === "memory" || (row.modrmForm === "any" && random.below(5) < 3);
  if (memory) putMemory(out, reg, random, wide);
  else out.push(0xc0 | (reg << 3) | random.below(8));
}

function immediateBits({ type }: OperandForm, operandBits: number): number {
  if (type === "b" || type === "bs") return 8;
  return type === "w" ? 16 : operandBits;
}

function putImmediate(out: number[], form: OperandForm, random: Random, operandBits: number, wide: boolean): void {
  const bits = immediateBits(form, operandBits);
  if (form.method === "O") put(out, WINDOW_AT + random.below(WINDOW), wide ? 32 : 16);
  // Branches only lead forward, where INT3 waits, or far away.
  if (form.method === "J") put(out, bits === 8 || !random.chance(4) ? random.below(24) : random.next() & 0x7fffffff, bits);
  if (form.method === "I") put(out, random.chance(2) ? random.next() : random.pick(edges), bits);
}

/** The bytes of one instruction of a form. */
export function instructionOf(row: Row, random: Random): number[] {
  const out: number[] = [];
  // 66 would make another instruction of it.
  const small = !row.noPrefix && random.chance(5);
  const shortAddress = random.chance(24);
  if (shortAddress) out.push(0x67);
  if (small) out.push(0x66);
  if (random.chance(16)) out.push(random.pick([0x26, 0x2e, 0x36, 0x3e]));
  if (row.repeatable !== "no" && random.chance(2)) out.push(random.pick([0xf2, 0xf3]));
  if (row.mandatoryPrefix !== 0) out.push(row.mandatoryPrefix);
  if (random.chance(32)) out.push(0xf0);
  if (row.map === 1) out.push(0x0f);
  out.push(row.plusRegister ? row.opcodeByte + random.below(8) : row.opcodeByte);
  if (row.hasModrm) putModrm(out, row, random, !shortAddress);
  for (const form of row.operands) putImmediate(out, form, random, small ? 16 : 32, !shortAddress);
  return out;
}

/** Flags that are undefined after `row`, given those that were before. */
function undefinedAfter(row: Row, before: number): number {
  const stays = row.flagsMayStay ? before : before & ~row.flagsWritten;
  return stays | row.flagsUndefined;
}

/** AC now and then: misaligned operands raise #AC, as CR0.AM is set on both sides. */
export const alignment = (random: Random): number => (random.chance(10) ? 0x4_0000 : 0);

/** A sequence of 1 to `longest` instructions that read no undefined flag, beginning with `first` and going on with `rows`. */
export function generateCase(first: Row, rows: readonly Row[], random: Random, longest: number): Case {
  const code: number[] = [];
  const mnemonics: string[] = [];
  let undefinedFlags = 0;
  const count = 1 + random.below(longest);
  for (let index = 0; index < count; index++) {
    const row = index === 0 ? first : (rows[random.below(rows.length)] ?? first);
    if ((row.flagsRead & undefinedFlags) !== 0) continue;
    const bytes = instructionOf(row, random);
    if (code.length + bytes.length > CODE_BYTES - 1) break;
    code.push(...bytes);
    mnemonics.push(row.mnemonic);
    undefinedFlags = undefinedAfter(row, undefinedFlags);
    // A branch may lead into the middle of what follows, so nothing does.
    if (row.flow !== "next") break;
  }
  const padded = new Uint8Array(CODE_BYTES).fill(0xcc);
  padded.set(code);
  const window = vectorData(WINDOW, random);
  // Near the border of the two code pages now and then, so that instructions cross it.
  const codeOffset = random.chance(4) ? REGION / 2 - random.below(16) : 64 * random.below(32);
  const status = random.next() & 0x8d5;
  const direction = random.chance(4) ? 0x400 : 0;
  const registers = Array.from({ length: 8 }, () => value(random));
  if (random.chance(2)) registers[1] = random.below(40);
  return {
    registers,
    eflags: 0x202 | status | direction | alignment(random),
    codeOffset,
    code: padded,
    window,
    extended: extendedState(random),
    undefinedFlags,
    mnemonics,
  };
}
