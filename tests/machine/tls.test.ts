import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCpio } from "@mercury/guest-os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bochs, onEach, x86 } from "./machines.ts";
import { session } from "./session.ts";
import { compile32, requireProgram } from "./tools.ts";

const source = fileURLToPath(new URL("programs/tls.c", import.meta.url));
const options = ["-static", "-nostdlib", "-O1", "-fno-pic", "-fno-stack-protector"];
let folder = "";
/** What the host's compiler said; null: the program is there. */
let trouble: string | null = null;
let disk: Uint8Array = new Uint8Array(0);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-tls-"));
  const program = join(folder, "tls");
  trouble = compile32(source, program, ...options);
  if (trouble === null) disk = writeCpio([{ path: "tls", mode: 0o100755, contents: readFileSync(program), inode: 0, links: 1 }]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A line `name value` or `name: value`. */
function valueOf(text: string | undefined, name: string): number {
  return Number(new RegExp(`^${name}:? (\\d+)$`, "m").exec(text ?? "")?.[1]);
}

onEach([x86({ icount: true }), bochs], (runner) => {
  /** Cycles of 128 accesses, and faults that the VMM took for the whole program: 3 x 2,000 x 128 accesses. */
  async function measure(mode: "native" | "virtual" | "always-on"): Promise<{ cycles: number[]; faults: number }> {
    const lines = ["cat /proc/mercury/stats", "/tls", "cat /proc/mercury/stats", "poweroff"];
    const { answers } = await session(runner, { machine: { mode }, modules: [disk], lines });
    const [before, told, after] = answers;
    const cycles = ["positive", "negative", "mixed"].map((loop) => valueOf(told, loop));
    return { cycles, faults: valueOf(after, "forwarded_faults") - valueOf(before, "forwarded_faults") };
  }

  test("thread-local accesses at negative offsets cost what those at positive ones do, in every mode, and no fault", async (context) => {
    requireProgram(context, trouble);
    const native = await measure("native");
    const [cost = Number.NaN] = native.cycles;
    expect(cost).toBeGreaterThan(0);
    expect(native.cycles).toEqual([cost, cost, cost]);
    for (const mode of ["virtual", "always-on"] as const) {
      const { cycles, faults } = await measure(mode);
      expect(cycles, mode).toEqual(native.cycles);
      // Starting two programs faults pages in; 768,000 accesses behind GS add nothing to that.
      expect(faults, mode).toBeLessThan(200);
    }
  });
});
