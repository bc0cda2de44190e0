import { expect, test } from "vitest";
import { fuzzImage } from "./isolation/image.ts";
import { runImage } from "./isolation/run.ts";
import { bochs, onEach, x86 } from "./machines.ts";

/** Calls in all, in runs of so many: each starts with a fresh machine. */
const calls = 1_000_000;
const perRun = 250_000;
/** MERCURY_FUZZ_SEED=N: another campaign than the one that is always run. */
const first = Number(process.env["MERCURY_FUZZ_SEED"] ?? 1);
const seeds = Array.from({ length: calls / perRun }, (_, run) => first + run);
/** Real seconds for half a billion instructions on a busy host. */
const patience = 1700;

async function agrees(runner: Parameters<typeof runImage>[0], seed: number, count: number): Promise<void> {
  const { lines } = await runImage(runner, await fuzzImage(seed, count), patience);
  const [audits, all] = [count / 5000, count];
  expect(lines.at(-1), `seed ${seed}`).toMatch(new RegExp(`^${all} calls \\| \\d+ refused \\| ${audits} audits agree$`));
}

onEach([x86({ icount: true })], (runner) => {
  test.each(seeds)(`${perRun} calls with any arguments are answered as the contract says, and the auditor agrees: seed %i`, (seed) =>
    agrees(runner, seed, perRun),
  );
});

onEach([bochs], (runner) => {
  test("so they are there", () => agrees(runner, first, perRun / 5));
});
