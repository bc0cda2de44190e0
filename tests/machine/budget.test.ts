import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mercury } from "./mercury.ts";

/**
 * Instruction budgets: with --icount a cycle is a retired instruction, so these numbers are behaviour, equal on every host. The goals are those of the design
 * (self-virtualization.md, section 4).
 */
const attachBudget = 15_000;
const detachBudget = 10_000;
/** How much dearer a switch may be with 64 processes and 1 GB than with none and 64 MB. */
const growth = 1.1;
/** What the kernel may pay natively for being able to switch, as a share of the instructions of one built without Mercury. */
const nativeTax = 0.002;

/** Cycles of an attach and of the detach after it, with `jobs` sleeping processes. */
async function switchCost(memory: number, jobs: number): Promise<{ readonly attach: number; readonly detach: number }> {
  const input = [
    `i=0; while [ $i -lt ${jobs} ]; do sleep 1000 & i=$((i+1)); done`,
    "echo virtual > /proc/mercury/mode",
    "cat /proc/mercury/last",
    "echo native > /proc/mercury/mode",
    "cat /proc/mercury/last",
    "poweroff",
    "",
  ].join("\n");
  const { code, stdout } = await mercury(["boot", "--icount", "--memory", String(memory), "--timeout", "1200"], { input });
  expect(code).toBe(0);
  const [attach, detach] = [...stdout.matchAll(/result: (\S+)[^]*?\ncycles: (\d+)/g)].map(([, result, cycles]) =>
    result === "ok" ? Number(cycles) : Number.NaN,
  );
  return { attach: attach ?? Number.NaN, detach: detach ?? Number.NaN };
}

test("a switch stays within its budget, and grows with neither processes nor memory", async () => {
  const small = await switchCost(64, 0);
  expect(small.attach).toBeLessThanOrEqual(attachBudget);
  expect(small.detach).toBeLessThanOrEqual(detachBudget);
  const large = await switchCost(1024, 64);
  expect(large.attach).toBeLessThanOrEqual(small.attach * growth);
  expect(large.detach).toBeLessThanOrEqual(small.detach * growth);
});

/** Instructions that a machine retires from power-on to power-off when its shell is given one line. */
async function instructions(line: string, options: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "mercury-budget-"));
  try {
    const stats = join(folder, "stats");
    const input = `${line}; echo status $?\npoweroff\n`;
    const { code, stdout } = await mercury(["boot", "--icount", "--timeout", "1200", "--stats", stats, ...options], { input });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/status 0\r?$/m)]);
    const counters: { readonly instructions: number } = JSON.parse(readFileSync(stats, "utf8"));
    return counters.instructions;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a fixed load costs by itself: warming the VMM up at boot is no tax on what runs afterwards. */
async function loadCost(...options: readonly string[]): Promise<number> {
  const load = "stress 1 forks pipes memory files nesting";
  return (await instructions(load, options)) - (await instructions("true", options));
}

test("native mode costs what a kernel without Mercury costs", async () => {
  const plain = await loadCost("--vmm", "none");
  const native = await loadCost();
  expect(native / plain - 1).toBeLessThanOrEqual(nativeTax);
});
