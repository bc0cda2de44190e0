/** The table's flags against a processor: what is tested, what is set, and what stays. */
import { expect, test } from "vitest";
import { haveProcessor, run, SCRATCH, type State, type Trial } from "../test/processor.ts";
import { decode } from "./decode.ts";
import { parseFlags } from "./notation.ts";
import type { Row } from "./row.ts";
import { rows } from "./rows.ts";

const flagLetters = ["O", "S", "Z", "A", "P", "C", "D"] as const;
const bits = flagLetters.map(parseFlags);
const ARITHMETIC = parseFlags("OSZAPC");
const FIXED = 0x202; // bit 1 is always set, IF for a user program

/** Rows that a user program can run in a straight line, on registers or on the strings at ESI and EDI. */
function isRunnable(row: Row): boolean {
  if (row.privilege !== "any" || row.sensitivity !== undefined || row.modrmForm === "memory" || row.feature === "x87") return false;
  if (row.flow === "conditional") return row.operands[0]?.type === "b";
  const usesMemory = row.operands.some(({ method }) => method === "O");
  return row.flow === "next" && !usesMemory && !/^(push|pop|enter|leave|xlat|rdpmc|rdtsc|cpuid)/.test(row.mnemonic);
}

/** The row with EBX as ModRM.rm, ECX as ModRM.reg, a constant that no division minds; branches skip a change of EBP. */
function codeOf(row: Row): Uint8Array {
  const prefix = row.mandatoryPrefix === 0 ? [] : [row.mandatoryPrefix];
  const opcode = row.plusRegister ? row.opcodeByte + 1 : row.opcodeByte;
  const modrm = row.hasModrm ? [0xc0 | ((row.digit >= 0 ? row.digit : 1) << 3) | 3] : [];
  const bytes = Uint8Array.from([...prefix, ...(row.map === 1 ? [0x0f] : []), opcode, ...modrm, 5, 0x12, 0x34, 0x56]);
  const decoded = decode(bytes, 0, 32);
  if (!decoded.ok || decoded.row !== row) throw new Error(`${row.mnemonic} ${row.opcode} does not decode as itself`);
  const code = bytes.subarray(0, decoded.length);
  return row.flow === "conditional" ? Uint8Array.from([...code, 0xbd, 1, 0, 0, 0]) : code;
}

/** A xorshift generator: the same trials in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let x = seed; ;) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    yield x >>> 0;
  }
}

const random = numbers(0x2f6e_2b1d);

function registersFor(row: Row, turn: number): State {
  const next = (): number => random.next().value;
  const isString = row.repeatable !== "no";
  const eax = turn === 0 ? 0 : next();
  // Equal operands, and small ones, so that ZF, AF and PF come out both ways; counts of 1 and above.
  const ebx = turn === 1 ? eax : turn === 0 ? 0 : next();
  const ecx = turn === 2 ? 1 : turn === 3 ? ebx : turn === 4 ? 0x8000_0001 : next() | 1;
  const state: State = {
    edi: isString ? SCRATCH : next(),
    esi: isString ? SCRATCH + 64 * turn : next(),
    ebp: 0,
    esp: 0,
    ebx,
    edx: next(),
    ecx,
    eax,
    flags: FIXED,
  };
  return /^i?div/.test(row.mnemonic) ? { ...state, edx: 0, eax: 0x10 + turn, ebx: 0x0707_0707 } : state;
}

interface Experiment {
  readonly row: Row;
  /** Flags changed between the two trials. */
  readonly flipped: number;
  readonly first: number;
  readonly second: number;
}

const TURNS = 12;

/** Pairs of trials that differ in one flag, over several register contents. */
function experiments(): { trials: Trial[]; pairs: Experiment[] } {
  const trials: Trial[] = [];
  const pairs: Experiment[] = [];
  for (const row of rows.filter(isRunnable)) {
    const code = codeOf(row);
    for (let turn = 0; turn < TURNS; turn++) {
      const state = registersFor(row, turn);
      const flags = random.next().value & ARITHMETIC;
      const first = trials.push({ code, before: { ...state, flags: flags | FIXED } }) - 1;
      for (const flipped of bits) {
        const second = trials.push({ code, before: { ...state, flags: (flags ^ flipped) | FIXED } }) - 1;
        pairs.push({ row, flipped, first, second });
      }
    }
  }
  return { trials, pairs };
}

const letters = (mask: number): string => flagLetters.filter((letter) => (mask & parseFlags(letter)) !== 0).join("");
const nameOf = (row: Row): string => `${row.mnemonic} ${row.opcode} ${row.operands.map(({ code }) => code).join(",")}`;
const MASK = bits.reduce((all, bit) => all | bit, 0);

/** What the processor was seen to do to flags, or because of flags, over all trials of a row. */
interface Observed {
  changed: number;
  mattered: number;
  /** Set or tested against the table. */
  readonly wrong: Set<string>;
}

function observe(observed: Observed, { row, flipped }: Experiment, before: State, a: State, b: State): void {
  const change = (b.flags ^ before.flags) & MASK;
  observed.changed |= change;
  const stray = change & ~(row.flagsWritten | row.flagsUndefined);
  if (stray !== 0) observed.wrong.add(`changes ${letters(stray)}`);

  // A flag that is not set comes through as it was; it must have no effect on anything else.
  const passesThrough = row.flagsMayStay ? flipped : flipped & ~row.flagsWritten;
  const compared = MASK & ~row.flagsUndefined & ~passesThrough;
  if (sameRegisters(a, b) && ((a.flags ^ b.flags) & compared) === 0) return;
  observed.mattered |= flipped;
  if ((row.flagsRead & flipped) === 0) observed.wrong.add(`tests ${letters(flipped)}`);
}

function sameRegisters(a: State, b: State): boolean {
  return (["eax", "ecx", "edx", "ebx", "ebp", "esi", "edi"] as const).every((name) => a[name] === b[name]);
}

test.runIf(haveProcessor())("flags are tested, set and left alone as the table says", () => {
  const { trials, pairs } = experiments();
  const after = run(trials);
  const all = new Map<Row, Observed>();
  for (const pair of pairs) {
    const observed = all.get(pair.row) ?? { changed: 0, mattered: 0, wrong: new Set() };
    all.set(pair.row, observed);
    const [before, a, b] = [trials[pair.second]?.before, after[pair.first], after[pair.second]];
    if (before === undefined || a === undefined || b === undefined) throw new Error("a trial has no result");
    observe(observed, pair, before, a, b);
  }
  const wrong = [...all].flatMap(([row, { changed, mattered, wrong: seen }]) => {
    const idle = letters(row.flagsWritten & ~changed);
    const untested = letters(row.flagsRead & ~mattered);
    const missing = [idle && `never changes ${idle}`, untested && `never depends on ${untested}`].filter((text) => text !== "");
    return [...seen, ...missing].map((text) => `${nameOf(row)} ${text}`);
  });
  expect(wrong).toEqual([]);
  expect(all.size).toBeGreaterThan(250);
});
