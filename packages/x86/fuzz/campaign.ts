import type { Row } from "@mercury/isa";
import { comparedRows, generateCase } from "./generate.ts";
import { describeCase, differences } from "./compare.ts";
import type { Case } from "./layout.ts";
import { Random } from "./random.ts";
import { EmulatedRunner } from "./run-emulated.ts";
import type { NativeRunner } from "./run-native.ts";

const BATCH = 2000;

/**
 * Runs `count` sequences of one seed on both processors; gives descriptions of those that differ.
 * @param rows the forms that sequences are made of
 */
export function campaign(
  native: NativeRunner,
  seed: number,
  count: number,
  longest: number,
  rows: readonly Row[] = comparedRows,
): string[] {
  const random = new Random(seed);
  const emulated = new EmulatedRunner();
  const found: string[] = [];
  for (let done = 0; done < count; done += BATCH) {
    const cases: Case[] = [];
    for (let index = 0; index < Math.min(BATCH, count - done); index++) {
      const row = rows[(done + index) % rows.length];
      if (row !== undefined) cases.push(generateCase(row, rows, random, longest));
    }
    const outcomes = native.run(cases);
    for (const [index, one] of cases.entries()) {
      const theirs = outcomes[index];
      if (theirs === undefined) continue;
      const lines = differences(one, emulated.run(one), theirs);
      if (lines.length > 0) found.push(`${describeCase(one)}\n  ${lines.join(", ")}`);
    }
  }
  return found;
}
