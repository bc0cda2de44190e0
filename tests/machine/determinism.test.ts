import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mercury } from "./mercury.ts";

const input = [
  "stress 1; echo $?",
  "echo virtual > /proc/mercury/mode",
  "cat /proc/mercury/last",
  "head -c 16 /dev/random | wc -c",
  "date; cat /proc/uptime",
  "echo native > /proc/mercury/mode",
  "cat /proc/mercury/last",
  "poweroff",
  "",
].join("\n");

test("two runs with --icount print the same bytes, take the same cycles and leave the same memory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mercury-twice-"));
  try {
    const run = async (name: string): Promise<unknown> => {
      const stats = join(folder, name);
      const { code, stdout } = await mercury(["boot", "--icount", "--test", "--timeout", "1200", "--stats", stats], { input });
      return { code, stdout, stats: JSON.parse(readFileSync(stats, "utf8")) };
    };
    const first = await run("first");
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^cycles: *\d+\r?$/m),
      stats: { instructions: expect.any(Number) },
    });
    expect(await run("second")).toEqual(first);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
