import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { possible } from "@mercury/vitest/possible";
import { describe, expect, it } from "vitest";
import { encodeCases } from "./case.ts";
import { privilegedCases } from "./cases.ts";
import { buildDriver, runHere, runOnBochs } from "./run.ts";

/**
 * Every case as Bochs 2.7 (a Core Duo) does it. To record anew after a change of families, world.ts or driver.S:
 * `RECORD=1 npx vitest run fuzz/privileged`, with Debian's packages bochs, bochsbios, vgabios, grub-pc-bin, xorriso and mtools.
 */
const recording = new URL("bochs-2.7.txt.gz", import.meta.url);

const fields = [
  "vector",
  "error",
  "eip",
  "cs",
  "eflags",
  "esp",
  "ss",
  "ds",
  "es",
  "fs",
  "eax",
  "ecx",
  "edx",
  "ebx",
  "cr2",
  "memory",
  "dr6",
] as const;

const RF = 0x1_0000;
/** Cases with repeated instructions, and with a debug register touched under DR7.GD. */
const savesResume = /^debug (stos|movs|mov dr) /;

/**
 * Bochs leaves RF alone where SDM 3B 17.3.1.1 has it saved as 1: in a trap between two iterations of a repeated instruction, and in the
 * fault of general detect. The sum over the memory, where the saved flags lie, is then different by that one bit.
 */
function lacksResume(name: string, a: readonly string[], b: readonly string[]): boolean {
  const other = fields.filter((_, index) => a[index] !== b[index]);
  if (!savesResume.test(name) || other.join(" ") !== "eflags memory") return false;
  const word = (line: readonly string[], field: (typeof fields)[number]): number => parseInt(line[fields.indexOf(field)] ?? "", 16);
  const sum = (word(a, "memory") - word(b, "memory")) | 0;
  return word(a, "vector") === 1 && word(a, "eflags") - word(b, "eflags") === RF && (sum & (sum - 1)) === 0;
}

function differences(name: string, ours: string, theirs: string): string[] {
  const a = ours.split(" ");
  const b = theirs.split(" ");
  if (lacksResume(name, a, b)) return [];
  const lines = fields.flatMap((field, index) => (a[index] === b[index] ? [] : [`${field} ${a[index]} (Bochs ${b[index]})`]));
  return lines.length === 0 ? [] : [`${name}: ${lines.join(", ")}`];
}

const driver = buildDriver();
const missing = driver === undefined ? "gcc -m32 is missing (Debian package gcc-multilib)" : null;

describe.runIf(possible("privileged behaviour", missing))("privileged behaviour against recordings of Bochs", () => {
  it("agrees on gates, segments, pages, task switches, IRET and error codes", { timeout: 300_000 }, () => {
    if (driver === undefined) throw new Error("gcc -m32 is missing");
    const cases = privilegedCases();
    const module = encodeCases(cases);
    if (process.env["RECORD"] !== undefined) writeFileSync(recording, gzipSync(runOnBochs(driver, module).join("\n"), { level: 9 }));
    expect(existsSync(recording)).toBe(true);
    const recorded = gunzipSync(readFileSync(recording)).toString().split("\n");
    expect(recorded).toHaveLength(cases.length);
    const ours = runHere(driver, module);
    expect(ours).toHaveLength(cases.length);
    const found = cases.flatMap(({ name }, index) => differences(name, ours[index] ?? "", recorded[index] ?? ""));
    expect(found.slice(0, 20).join("\n")).toBe("");
    expect(found).toHaveLength(0);
  });
});
