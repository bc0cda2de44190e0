/**
 * The short, seeded part of the campaign: the same module in V8 and as IA-32 in a 32-bit process must give the same results, traps and
 * memory, whatever asc's optimisation level and the number of register homes. A failing seed is in the test's name or message.
 */

import { readdirSync, readFileSync } from "node:fs";
import { possible } from "@mercury/vitest/possible";
import { describe, expect, test } from "vitest";
import type { Homes } from "../src/backend/index.ts";
import { compareNative, compareX86, judge } from "./compare.ts";
import { compileSource, memoryBase, type Level } from "./compile.ts";
import { generateModule } from "./generate-wasm.ts";
import { generateSource } from "./generate.ts";
import type { Call, Program } from "./program.ts";
import { missingLoader } from "./run-native.ts";

const levels: readonly Level[] = [0, 1, 2, 3];
const allHomes: readonly Homes[] = [0, 1, 2, 3, 4];
const seconds = 1000;

const folder = new URL("cases/", import.meta.url);
const edges = [0, 1, -1, 4, 7, 255, 65536, 0x7fffffff, -0x80000000];

/** Every case exports `run(i32, i64): i64`. */
const caseCalls: readonly Call[] = edges.flatMap((x) =>
  edges.map((y): Call => ({ name: "run", args: [x, BigInt(y) * 0x1_0000_0001n], result: "i64" })),
);

async function program(text: string, level: Level, calls: readonly Call[]): Promise<Program> {
  return { wasm: await compileSource(text, level), calls, memory: { address: memoryBase, length: 4096 } };
}

describe.runIf(possible("random programs on the host's processor", missingLoader()))("IA-32 code does what V8 does", () => {
  for (const file of readdirSync(folder)) {
    test(`case ${file}`, { timeout: 60 * seconds }, async () => {
      const text = readFileSync(new URL(file, folder), "utf8");
      for (const level of levels) {
        const judged = judge(await program(text, level, caseCalls));
        expect(compareNative(allHomes.map((homes) => ({ judged, homes })))).toEqual(allHomes.map(() => null));
      }
    });
  }

  for (const level of levels) {
    test(`random AssemblyScript at -O${level}, seed ${level + 1}`, { timeout: 60 * seconds }, async () => {
      const { text, calls } = generateSource(level + 1, 12, 3);
      const judged = judge(await program(text, level, calls));
      expect(compareNative(allHomes.map((homes) => ({ judged, homes })))).toEqual(allHomes.map(() => null));
    });
  }

  test.each(allHomes)("random modules with %i register homes, seeds 1 to 40", { timeout: 60 * seconds }, (homes) => {
    const cases = Array.from({ length: 40 }, (_, index) => ({ seed: index + 1, judged: judge(generateModule(index + 1, 4, 3)), homes }));
    const failures = compareNative(cases).flatMap((mismatch, index) => (mismatch ? [{ seed: cases[index]?.seed, mismatch }] : []));
    expect(failures).toEqual([]);
  });
});

describe("the emulated PC does what V8 does", () => {
  test.each(allHomes)("random modules with %i register homes, seeds 1 to 6", { timeout: 60 * seconds }, (homes) => {
    for (let seed = 1; seed <= 6; seed++)
      expect({ seed, mismatch: compareX86(judge(generateModule(seed, 4, 3)), homes) }).toEqual({ seed, mismatch: null });
  });

  test("random AssemblyScript at -O3, seed 5", { timeout: 60 * seconds }, async () => {
    const { text, calls } = generateSource(5, 12, 3);
    expect(compareX86(judge(await program(text, 3, calls)), 4)).toBeNull();
  });
});
