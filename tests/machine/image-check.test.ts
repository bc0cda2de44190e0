import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { voOperations } from "@mercury/abi";
import { defineMachine, imageReport } from "@mercury/machine";
import { expect, test } from "vitest";
import { mercury } from "./mercury.ts";

/** Rows "count name" below a heading. */
function rows(report: string, heading: RegExp): Map<string, number> {
  const lines = report.split("\n");
  const from = lines.findIndex((line) => heading.test(line)) + 1;
  const length = lines.slice(from).findIndex((line) => !line.startsWith(" "));
  const cells = lines.slice(from, from + length).flatMap((line) => /^ *(\d+) {2}([^:]+)/.exec(line)?.slice(1) ?? []);
  return new Map(cells.flatMap((cell, index) => (index % 2 === 0 ? [[cells[index + 1] ?? "", Number(cell)]] : [])));
}

test("every sensitive instruction of kernel and VMM is a site, or stands where it is known to be harmless", async () => {
  const { code, stdout } = await mercury(["image", "--check"]);
  expect(code).toBe(0);
  const sites = rows(stdout, /^kernel: \d+ sites/);
  const total = Number(/^kernel: (\d+) sites/.exec(stdout)?.[1]);
  expect([...sites.values()].reduce((sum, count) => sum + count)).toBe(total);
  for (const operation of sites.keys()) expect(voOperations).toHaveProperty(operation);
  expect([...rows(stdout, /^kernel: \d+ sensitive/).keys()]).toEqual([
    "native bodies",
    "virtual bodies",
    "boot path",
    "user segments",
    "replay",
    "request",
  ]);
  expect([...rows(stdout, /^vmm: \d+ sensitive/).keys()]).toEqual(["the VMM"]);
  expect(stdout).toContain("vmm: 0 sites");
});

test("a guest whose stubs hold an instruction that nobody names is refused, with the place", async () => {
  const { guest } = defineMachine();
  const folder = mkdtempSync(join(tmpdir(), "mercury-careless-"));
  try {
    const stubs = join(folder, "stubs.mjs");
    const careless = 'a.procedure("careless"); a.hlt();';
    writeFileSync(stubs, `import write from ${JSON.stringify(guest.stubs?.href)}; export default (a) => { write(a); ${careless} };`);
    const machine = defineMachine({ guest: { ...guest, stubs: pathToFileURL(stubs) } });
    const error: unknown = await imageReport(machine).catch((reason: unknown) => reason);
    const detail: unknown = expect.stringMatching(/^kernel: careless \(0xb01[0-9a-f]{5}\): "hlt" outside of a site/);
    expect(error).toMatchObject({ kind: "build", detail });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
