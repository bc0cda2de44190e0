import { compileModule, type Homes } from "../src/backend/index.ts";
import { link } from "./link.ts";
import type { Call, Outcome, Program } from "./program.ts";
import { runNative } from "./run-native.ts";
import { runX86, x86Bases } from "./run-x86.ts";
import { runV8 } from "./run-v8.ts";

/** The first call on which two executions of a program differ. */
export interface Mismatch {
  readonly index: number;
  readonly call: Call;
  readonly expected: Outcome;
  readonly actual: Outcome | undefined;
}

/** A program with what V8 says of it. */
export interface Judged {
  readonly program: Program;
  readonly expected: readonly Outcome[];
}

export function judge(program: Program): Judged {
  return { program, expected: runV8(program) };
}

/** Compiles programs with so many register homes each and runs them natively; the mismatch of each, or null where all agrees. */
export function compareNative(cases: readonly { readonly judged: Judged; readonly homes: Homes }[]): (Mismatch | null)[] {
  const runs = cases.map(({ judged: { program }, homes }) => ({
    program,
    linked: link(compileModule(program.wasm, { homes, lowerImport: () => undefined })),
  }));
  const outcomes = runNative(runs);
  return cases.map(({ judged: { program, expected } }, index) => firstMismatch(program, expected, outcomes[index] ?? []));
}

/** As {@link compareNative} for one program, on the emulated PC. */
export function compareX86({ program, expected }: Judged, homes: Homes): Mismatch | null {
  const linked = link(compileModule(program.wasm, { homes, lowerImport: () => undefined }), x86Bases);
  return firstMismatch(program, expected, runX86(program, linked));
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
