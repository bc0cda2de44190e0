import type { Row } from "@mercury/isa";
import { comparedRows, generateCase } from "./generate.ts";
import { generateX87Case, x87Rows } from "./generate-x87.ts";
import { describeCase, differences, reachesRunners } from "./compare.ts";
import { ENDLESS, type Case, type Outcome } from "./layout.ts";
import { Random } from "./random.ts";
import { EmulatedRunner } from "./run-emulated.ts";
import type { NativeRunner } from "./run-native.ts";

const BATCH = 2000;

/** What sequences are made of, and how. Each of the forms begins as many. */
export interface Subject {
  readonly rows: readonly Row[];
  readonly generate: (first: Row, rows: readonly Row[], random: Random, longest: number) => Case;
}

/** What programs may do with general, MMX and XMM registers. */
export const generalSubject: Subject = { rows: comparedRows, generate: generateCase };
export const x87Subject: Subject = { rows: x87Rows, generate: generateX87Case };

/**
 * Differences that show themselves again: the host's kernel may lose the pointers to the last x87 instruction when it gives the processor to
 * another process in the middle of a sequence.
 */
function lasting(one: Case, ours: Outcome, theirs: Outcome, native: NativeRunner): string[] {
  let lines = differences(one, ours, theirs);
  for (let attempt = 0; attempt < 3 && lines.length > 0; attempt++) {
    const [again] = native.run([one]);
    if (again !== undefined) lines = differences(one, ours, again);
  }
  return lines;
}

/** A sequence that the host could finish and that seemed endless here, as a loop of LOOP with a large count, is finished here too. */
function finished(ours: Outcome, theirs: Outcome, one: Case, emulated: EmulatedRunner): Outcome {
  if (ours.trap !== ENDLESS || theirs.trap === ENDLESS) return ours;
  emulated.run(one);
  return emulated.goOn();
}

/** Runs sequences on both processors; gives descriptions of those that differ. */
export function compareAll(cases: readonly Case[], native: NativeRunner, emulated: EmulatedRunner): string[] {
  const pairs = cases.map((one) => ({ one, ours: emulated.run(one) })).filter(({ ours }) => !reachesRunners(ours));
  const outcomes = native.run(pairs.map(({ one }) => one));
  return pairs.flatMap(({ one, ours }, index) => {
    const theirs = outcomes[index];
    const lines = theirs === undefined ? ["the host has no result"] : lasting(one, finished(ours, theirs, one, emulated), theirs, native);
    return lines.length > 0 ? [`${describeCase(one)}\n  ${lines.join(", ")}`] : [];
  });
}

/** Runs `count` sequences of one seed on both processors; gives descriptions of those that differ. */
export function campaign(native: NativeRunner, seed: number, count: number, longest: number, { rows, generate }: Subject): string[] {
  const random = new Random(seed);
  const emulated = new EmulatedRunner();
  const found: string[] = [];
  for (let done = 0; done < count; done += BATCH) {
    const cases: Case[] = [];
    for (let index = 0; index < Math.min(BATCH, count - done); index++) {
      const row = rows[(done + index) % rows.length];
      if (row !== undefined) cases.push(generate(row, rows, random, longest));
    }
    found.push(...compareAll(cases, native, emulated));
  }
  return found;
}
