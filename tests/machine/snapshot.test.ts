import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mercury } from "./mercury.ts";

const input = [
  "stress 1 forks pipes files nesting; echo $?",
  "echo virtual > /proc/mercury/mode",
  "stress 1 forks memory; echo $?",
  "cat /proc/mercury/last",
  "echo native > /proc/mercury/mode",
  "cat /proc/mercury/last",
  "poweroff",
  "",
].join("\n");

const folder = mkdtempSync(join(tmpdir(), "mercury-snapshot-"));
const file = (name: string): string => join(folder, name);
const statistics = (name: string): { readonly instructions: number } =>
  // Written by the run that has just ended; the test reads this one field and compares the whole.
  JSON.parse(readFileSync(file(name), "utf8")) as { readonly instructions: number };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let whole: { readonly stdout: string; readonly stats: { readonly instructions: number } };
beforeAll(async () => {
  const { code, stdout } = await mercury(["boot", "--icount", "--timeout", "1200", "--stats", file("whole")], { input });
  expect(code).toBe(0);
  whole = { stdout, stats: statistics("whole") };
}, 400_000);

/** Parts of the run at which it is cut: while the kernel boots, under load in both modes, near the end. */
test.each([0.02, 0.31, 0.618, 0.87])("a run that is saved at %d of its length, and restored, goes on to the bit", async (part) => {
  const count = Math.floor(whole.stats.instructions * part);
  const first = await mercury(["boot", "--icount", "--stop-after", String(count), "--save", file("saved"), "--stats", file("first")], {
    input,
  });
  expect([first.code, first.stderr, statistics("first").instructions]).toEqual([0, "", count]);
  const second = await mercury(["boot", "--restore", file("saved"), "--timeout", "1200", "--stats", file("second")]);
  expect([second.code, second.stderr]).toEqual([0, ""]);
  expect(first.stdout + second.stdout).toBe(whole.stdout);
  expect(statistics("second")).toEqual(whole.stats);
});

test("a damaged snapshot is refused, and a machine that ends too early writes none", async () => {
  const cut = readFileSync(file("saved")).subarray(0, -1);
  writeFileSync(file("cut"), cut);
  const { code, stderr } = await mercury(["boot", "--restore", file("cut")]);
  expect([code, stderr]).toEqual([3, expect.stringContaining(`${file("cut")}: snapshot: the file is damaged or cut short`)]);
  const late = await mercury(["boot", "--icount", "--stop-after", "900000000", "--save", file("late")], { input: "poweroff\n" });
  expect([late.code, late.stderr]).toEqual([0, expect.stringContaining("the machine ended before --stop-after")]);
  expect(() => readFileSync(file("late"))).toThrow("ENOENT");
});

test("a trace is drawn over machine time", async () => {
  const { code } = await mercury(["boot", "--icount", "--trace", file("trace")], { input: "sleep 1\npoweroff\n" });
  expect(code).toBe(0);
  const { traceEvents } = JSON.parse(readFileSync(file("trace"), "utf8")) as { traceEvents: readonly { readonly name: string }[] };
  const names = new Set(traceEvents.map(({ name }) => name));
  for (const name of ["HLT", "#PF", "vector 0x20", "power-off"]) expect(names).toContain(name);
});
