/** The table's flags against a processor: what is tested, what is set, and what stays. */
import { expect, test } from "vitest";
import { parseFlags } from "./notation.ts";
import type { Row } from "./row.ts";
import { haveHostProcessor, integerTrials, programOf, runOnHost, type State, type Trial } from "./testing.ts";

const flagLetters = ["O", "S", "Z", "A", "P", "C", "D"] as const;
const MASK = parseFlags(flagLetters.join(""));
const lettersOf = (mask: number): string => flagLetters.filter((letter) => (mask & parseFlags(letter)) !== 0).join("");

/** What the processor was seen to do to flags, or because of flags, over all trials of a row. */
interface Observed {
  changed: number;
  mattered: number;
  /** Set or tested against the table. */
  readonly wrong: Set<string>;
}

/** The same trials with one flag the other way round. */
function flipping(trials: readonly Trial[], flag: number): Trial[] {
  return trials.map((trial) => ({ ...trial, before: { ...trial.before, eflags: trial.before.eflags ^ flag } }));
}

/** Two trials that differ in a flag. */
function observe(observed: Observed, row: Row, flipped: number, before: State, plain: State, after: State): void {
  const change = (after.eflags ^ before.eflags) & MASK;
  observed.changed |= change;
  const stray = change & ~(row.flagsWritten | row.flagsUndefined);
  if (stray !== 0) observed.wrong.add(`changes ${lettersOf(stray)}`);

  // A flag that is not set comes through as it was; it must have no effect on anything else.
  const passesThrough = row.flagsMayStay ? flipped : flipped & ~row.flagsWritten;
  const compared = MASK & ~row.flagsUndefined & ~passesThrough;
  if (sameData(plain, after) && ((plain.eflags ^ after.eflags) & compared) === 0) return;
  observed.mattered |= flipped;
  if ((row.flagsRead & flipped) === 0) observed.wrong.add(`tests ${lettersOf(flipped)}`);
}

const registers = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"] as const;
/** The flags that a trial started with, in its memory. */
const FLAGS_WORD = 8;

function sameData(a: State, b: State): boolean {
  return registers.every((name) => a[name] === b[name]) && a.memory.every((word, at) => at === FLAGS_WORD || word === b.memory[at]);
}

test.runIf(haveHostProcessor())("flags are tested, set and left alone as the table says", () => {
  const trials = integerTrials(0x2f6e_2b1d, 12);
  const plain = runOnHost(programOf(trials));
  const all = new Map<Row, Observed>();
  for (const flag of flagLetters.map(parseFlags)) {
    const flipped = flipping(trials, flag);
    for (const [at, after] of runOnHost(programOf(flipped)).entries()) {
      const [trial, first] = [flipped[at], plain[at]];
      if (trial === undefined || first === undefined) throw new Error("more results than trials");
      const observed = all.get(trial.row) ?? { changed: 0, mattered: 0, wrong: new Set() };
      all.set(trial.row, observed);
      observe(observed, trial.row, flag, trial.before, first, after);
    }
  }
  const wrong = [...all].flatMap(([row, { changed, mattered, wrong: seen }]) => {
    const idle = lettersOf(row.flagsWritten & ~changed);
    const untested = lettersOf(row.flagsRead & ~mattered);
    const missing = [idle && `never changes ${idle}`, untested && `never depends on ${untested}`].filter((text) => text !== "");
    return [...seen, ...missing].map((text) => `${row.mnemonic} ${row.opcode} ${text}`);
  });
  expect(wrong).toEqual([]);
  expect(all.size).toBeGreaterThan(300);
});
