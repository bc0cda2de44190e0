/**
 * The long differential campaign. Needs a runner for TypeScript (Node 22.18 and later run it as it is):
 *
 *   node fuzz/campaign.ts modules <first seed> <seeds> <functions per program>
 *   node fuzz/campaign.ts sources <first seed> <seeds> <functions per program>
 *
 * `modules` writes wasm directly; register homes go round with the seed. `sources` compiles AssemblyScript, optimisation levels
 * going round with the seed, each with 0 to 4 homes. Prints every failing seed and a summary; exits with 1 if any failed.
 */

import type { Homes } from "../src/backend/index.ts";
import { compareNative, judge, type Judged } from "./compare.ts";
import { compileSource, memoryBase, type Level } from "./compile.ts";
import { generateModule } from "./generate-wasm.ts";
import { generateSource } from "./generate.ts";

const allHomes: readonly Homes[] = [0, 1, 2, 3, 4];
const levels: readonly Level[] = [0, 1, 2, 3];
const rounds = 3;
/** Programs that share one native process. */
const batch = 50;
const progressEvery: Readonly<Record<string, number>> = { modules: 1000, sources: 50 };

interface Case {
  readonly name: string;
  readonly judged: Judged;
  readonly homes: Homes;
}

interface Summary {
  programs: number;
  compilations: number;
  functions: number;
  calls: number;
  traps: number;
  bytes: number;
  failures: number;
}

function moduleCases(seed: number, functions: number): Case[] {
  const homes = allHomes[seed % allHomes.length] ?? 4;
  return [{ name: `module ${seed}, ${homes} homes`, judged: judge(generateModule(seed, functions, rounds)), homes }];
}

async function sourceCases(seed: number, functions: number): Promise<Case[]> {
  const level = levels[seed % levels.length] ?? 3;
  const { text, calls } = generateSource(seed, functions, rounds);
  const judged = judge({ wasm: await compileSource(text, level), calls, memory: { address: memoryBase, length: 4096 } });
  return allHomes.map((homes) => ({ name: `source ${seed} at -O${level}, ${homes} homes`, judged, homes }));
}

/** Compares a batch; when the back end throws, each case on its own, so that the failing one is named. */
function failuresOf(cases: readonly Case[]): string[] {
  try {
    return compareNative(cases).flatMap((mismatch, index) => (mismatch ? [`${cases[index]?.name}: ${show(mismatch)}`] : []));
  } catch (error) {
    if (cases.length === 1) return [`${cases[0]?.name}: ${String(error)}`];
    return cases.flatMap((single) => failuresOf([single]));
  }
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}` : part));
}

function count(summary: Summary, cases: readonly Case[], functions: number): void {
  const [first] = cases;
  if (!first) return;
  summary.programs++;
  summary.compilations += cases.length;
  summary.functions += functions;
  summary.calls += first.judged.expected.length * cases.length;
  summary.traps += first.judged.expected.filter(({ trap }) => trap !== null).length * cases.length;
  summary.bytes += first.judged.program.wasm.length;
}

async function campaign(kind: string, from: number, seeds: number, functions: number): Promise<Summary> {
  const summary: Summary = { programs: 0, compilations: 0, functions: 0, calls: 0, traps: 0, bytes: 0, failures: 0 };
  let pending: Case[] = [];
  const flush = (): void => {
    for (const failure of failuresOf(pending)) {
      summary.failures++;
      console.log(`FAILED ${failure}`);
    }
    pending = [];
  };
  for (let seed = from; seed < from + seeds; seed++) {
    const cases = kind === "sources" ? await sourceCases(seed, functions) : moduleCases(seed, functions);
    count(summary, cases, functions);
    pending.push(...cases);
    if (pending.length >= batch) flush();
    if (summary.programs % (progressEvery[kind] ?? 1000) === 0) console.log(`seed ${seed}: ${show(summary)}`);
  }
  flush();
  return summary;
}

const [kind = "modules", from = "0", seeds = "1000", functions = "4"] = process.argv.slice(2);
const summary = await campaign(kind, Number(from), Number(seeds), Number(functions));
console.log(`${kind}, seeds ${from} to ${Number(from) + Number(seeds) - 1}: ${show(summary)}`);
process.exitCode = summary.failures > 0 ? 1 : 0;
