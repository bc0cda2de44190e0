/**
 * Shrinks a failing program of the `sources` campaign and prints what is left with its first mismatch:
 *
 *   node fuzz/shrink.ts <seed> <functions per program> <level> <homes>
 */

import type { Homes } from "../src/backend/index.ts";
import { compareNative, judge, type Mismatch } from "./compare.ts";
import { compileSource, memoryBase, type Level } from "./compile.ts";
import { generateSource } from "./generate.ts";
import { reduce } from "./reduce.ts";

const rounds = 3;
const [seed = 0, functions = 8, level = 0, homes = 4] = process.argv.slice(2).map(Number);
const { text, calls } = generateSource(seed, functions, rounds);

/** The mismatch of a program text, null when it has none or is no program. */
async function mismatchOf(candidate: string): Promise<Mismatch | null> {
  const exported = new Set([...candidate.matchAll(/export function (\w+)/gu)].map(([, name]) => name));
  try {
    // The command line's numbers; the compiler and the back end check them.
    const wasm = await compileSource(candidate, level as Level);
    const judged = judge({ wasm, calls: calls.filter(({ name }) => exported.has(name)), memory: { address: memoryBase, length: 4096 } });
    return compareNative([{ judged, homes: homes as Homes }])[0] ?? null;
  } catch {
    return null;
  }
}

const original = await mismatchOf(text);
if (original === null) throw new Error(`source ${seed} at -O${level} with ${homes} homes does not fail`);
const small = await reduce(text, async (candidate) => {
  const mismatch = await mismatchOf(candidate);
  // Only the same kind of difference: shrinking must not wander off to a program that faults by its own fault.
  return mismatch !== null && mismatch.expected.trap !== "memory" && (mismatch.actual?.trap ?? null) === (original.actual?.trap ?? null);
});
console.log(small);
console.log(await mismatchOf(small));
