/** x87 code against the host's functions, of which it is a faster copy for what is frequent: no other processor is needed. */
import { expect, it } from "vitest";
import { describeCase, differences } from "./compare.ts";
import { generateX87Case, x87Rows } from "./generate-x87.ts";
import type { Case } from "./layout.ts";
import { Random } from "./random.ts";
import { EmulatedRunner } from "./run-emulated.ts";
import { transcendentalCase, transcendentalRows } from "./transcendental.ts";

const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const count = Number(process.env["FUZZ_COUNT"] ?? 2_000);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 24)).toString("hex");

function disagreements(cases: Iterable<Case>): string[] {
  const runner = new EmulatedRunner();
  const found: string[] = [];
  for (const one of cases) {
    const [code, host] = [runner.run(one), runner.run(one, true)];
    const lines = differences(one, code, host);
    // All of the state: the pointers to instruction and operand as well.
    if (lines.length === 0 && !Buffer.from(code.extended).equals(host.extended))
      lines.push(`${hex(code.extended)} (host ${hex(host.extended)})`);
    if (lines.length > 0) found.push(`${describeCase(one)}\n  ${lines.join(", ")}`);
  }
  return found;
}

function* cycled<T, U>(list: readonly T[], times: number, make: (one: T) => U): Generator<U> {
  for (let index = 0; index < times; index++) {
    const one = list[index % list.length];
    if (one !== undefined) yield make(one);
  }
}

it(`does the same to the last bit, seed ${seed}`, () => {
  const random = new Random(seed);
  expect(disagreements(cycled(x87Rows, count, (row) => generateX87Case(row, x87Rows, random, 3))).slice(0, 10)).toEqual([]);
});

it(`and so do sines and cosines, seed ${seed}`, () => {
  const random = new Random(seed);
  expect(disagreements(cycled(transcendentalRows, count, (row) => transcendentalCase(row, random))).slice(0, 10)).toEqual([]);
});
