import { decode } from "../decode.ts";
import { parseFlags } from "../notation.ts";
import type { Row } from "../row.ts";
import { isVector, isX87, rows } from "../rows.ts";
import { prepare } from "./prepare.ts";
import { Random } from "./random.ts";
import { memoryOf, type State, type Trial } from "./trial.ts";

/** How an instance of a row differs from others. */
export interface Shape {
  readonly operandSize: 16 | 32;
  readonly memory: boolean;
  readonly prefix: "none" | "lock" | "rep" | "repne";
}

/** The operand in memory is in the middle of the trial's, so that strings and bit strings can go either way. */
const MIDDLE = 32;
const FLAGS = parseFlags("OSZAPCD");
/** EFLAGS bit 1, which is always set, and IF, as user programs have it. */
const FIXED = 0x202;
/** MOV EBP, 1: what taken branches skip. */
const skipped = Uint8Array.of(0xbd, 1, 0, 0, 0);

/**
 * Trials of every integer row that a user program can run in a straight line: in registers and in memory, in both
 * operand sizes, with LOCK and REP where they are allowed.
 * @param turns register contents for each shape
 */
export function integerTrials(seed: number, turns: number): Trial[] {
  const random = new Random(seed);
  const trials: Trial[] = [];
  for (const row of rows.filter(isRunnable)) {
    for (const shape of shapesOf(row)) {
      for (let turn = 0; turn < turns; turn++) trials.push(trialOf(row, shape, random, trials.length));
    }
  }
  return trials;
}

function isRunnable(row: Row): boolean {
  if (row.privilege !== "any" || row.sensitivity !== undefined || isX87(row) || isVector(row)) return false;
  if (/^(rdpmc|rdtsc|cpuid|bound|wait)$/.test(row.mnemonic)) return false;
  return row.flow === "next" || row.operands[0]?.method === "J";
}

function* shapesOf(row: Row): Generator<Shape> {
  const isBranch = row.flow !== "next";
  for (const operandSize of [32, 16] as const) {
    // A branch with operand size 16 cuts EIP; BSWAP of a word is undefined.
    if (operandSize === 16 && (!row.usesOperandSize || isBranch || row.mnemonic === "bswap")) continue;
    for (const memory of [false, true]) {
      if (memory ? !row.hasModrm || row.modrmForm === "register" : row.modrmForm === "memory") continue;
      yield { operandSize, memory, prefix: "none" };
      if (memory && row.lockable) yield { operandSize, memory, prefix: "lock" };
      if (row.repeatable !== "no") yield { operandSize, memory, prefix: "rep" };
      if (row.repeatable === "condition") yield { operandSize, memory, prefix: "repne" };
    }
  }
}

function trialOf(row: Row, shape: Shape, random: Random, at: number): Trial {
  const address = memoryOf(at) + MIDDLE;
  const code = codeOf(row, shape, random, address);
  const before: State = {
    edi: random.word(),
    esi: address,
    ebp: random.word(),
    esp: 0,
    ebx: random.word(),
    edx: random.word(),
    ecx: random.word(),
    eax: random.word(),
    eflags: (random.next() & FLAGS) | FIXED,
    memory: Array.from({ length: 16 }, () => random.word()),
  };
  const decoded = decode(code, 0, 32);
  if (!decoded.ok || decoded.row.mnemonic !== row.mnemonic) throw new Error(`${row.mnemonic} ${row.opcode} does not decode as itself`);
  const instruction = code.slice(0, decoded.length);
  const whole = row.flow === "next" ? instruction : Uint8Array.from([...instruction, ...skipped]);
  return { row, code: whole, before: prepare(decoded, before, address, random) };
}

const prefixes = { none: [], lock: [0xf0], rep: [0xf3], repne: [0xf2] } as const;

/** The instruction, with more random bytes behind it than any constant has. */
function codeOf(row: Row, shape: Shape, random: Random, address: number): Uint8Array {
  const mandatory = row.mandatoryPrefix === 0 ? [] : [row.mandatoryPrefix];
  const size = shape.operandSize === 16 ? [0x66] : [];
  const escape = row.map === 1 ? [0x0f] : [];
  // EAX (but XCHG EAX, EAX is NOP), ECX, EDX and EBX, and all of their bytes: the others hold addresses.
  const opcode = row.opcodeByte + (row.plusRegister ? 1 + random.below(3) : 0);
  const head = [...prefixes[shape.prefix], ...size, ...mandatory, ...escape, opcode];
  return Uint8Array.from([...head, ...(row.hasModrm ? modrm(row, shape, random) : []), ...constant(row, shape, random, address)]);
}

function modrm(row: Row, shape: Shape, random: Random): readonly number[] {
  const bytes = (method: string): boolean => row.operands.some((form) => form.method === method && form.type === "b");
  const reg = row.digit >= 0 ? row.digit : random.below(bytes("G") ? 8 : 4);
  // Divisors are in EBX, ECX and memory, whole.
  if (/^i?div$/.test(row.mnemonic)) return shape.memory ? [0x06 | (reg << 3)] : [0xc1 | (reg << 3) | (random.below(2) << 1)];
  if (!shape.memory) return [0xc0 | (reg << 3) | random.below(bytes("E") ? 8 : 4)];
  // LEA reads nothing: any base and index will do. All others use [esi + disp8].
  if (row.mnemonic === "lea") return [0x84 | (reg << 3), random.below(256)];
  return [0x46 | (reg << 3), (random.below(3) - 1) & 0xff];
}

function constant(row: Row, shape: Shape, random: Random, address: number): readonly number[] {
  const [first] = row.operands;
  if (first?.method === "J") return first.type === "b" ? [skipped.length] : [skipped.length, 0, 0, 0];
  if (row.operands.some(({ method }) => method === "O")) return [...new Uint8Array(Uint32Array.of(address).buffer)];
  if (row.mnemonic === "enter") return [8, 0, random.below(2)];
  // See prepare: a word has no more than 16 places to shift by.
  if (/^sh[lr]d$/.test(row.mnemonic)) return [random.below(shape.operandSize)];
  if (row.mnemonic === "aam") return [1 + random.below(255)];
  return [...new Uint8Array(Uint32Array.of(random.word(), random.next()).buffer)];
}
