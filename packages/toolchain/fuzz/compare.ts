import { compileModule, type Homes } from "../src/backend/index.ts";
import { link } from "./link.ts";
import type { Call, Outcome, Program } from "./program.ts";
import { runNative } from "./run-native.ts";
import { runV8 } from "./run-v8.ts";

/** The first call on which two executions of a program differ. */
export interface Mismatch {
  readonly index: number;
  readonly call: Call;
  readonly expected: Outcome;
  readonly actual: Outcome | undefined;
}

/** Compiles a program with so many register homes, runs it natively and in V8; null when they agree in everything. */
export function compareNative(program: Program, homes: Homes, expected: readonly Outcome[] = runV8(program)): Mismatch | null {
  const object = compileModule(program.wasm, { homes, lowerImport: () => undefined });
  return firstMismatch(program, expected, runNative(program, link(object)));
}

export function firstMismatch(program: Program, expected: readonly Outcome[], actual: readonly Outcome[]): Mismatch | null {
  for (const [index, call] of program.calls.entries()) {
    const wanted = expected[index];
    const got = actual[index];
    if (wanted && !(got && got.value === wanted.value && got.trap === wanted.trap && got.memory === wanted.memory)) {
      return { index, call, expected: wanted, actual: got };
    }
  }
  return null;
}
