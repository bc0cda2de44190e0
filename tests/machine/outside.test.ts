import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "./mercury.ts";
import { keys, serialProgram } from "./programs/serial.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-outside-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a reader of standard output that has left", () => {
  test.each(["layers", "--help", "--version", "help boot", "boot", "run -- seq 10"])(
    "mercury %s says so in one line, and ends with 3",
    async (line) => {
      const child = start(line.split(" "));
      child.stdout.destroy();
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const [code] = await once(child, "close");
      expect({ code, stderr }).toEqual({ code: 3, stderr: "mercury: standard output cannot be written: write EPIPE\n" });
    },
  );
});

test("where standard error cannot be written, the exit code is still the one that says what was wrong", async () => {
  const child = start(["boot", "--memory", "3"]);
  child.stderr.destroy();
  expect(await once(child, "close")).toEqual([2, null]);
});

/** Starts a machine that goes on for ever, and waits for its prompt. */
async function atPrompt(args: readonly string[]): Promise<ReturnType<typeof start>> {
  const child = start(["boot", ...args]);
  let text = "";
  for await (const chunk of child.stdout.setEncoding("latin1").iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (text.endsWith("# ")) return child;
  }
  throw new Error(`the machine ended before its prompt: ${text}`);
}

describe("a signal that asks the process to end", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s ends the machine, whose results are written, and then the process",
    async (signal) => {
      const [stats, trace] = [join(folder, `${signal}.stats`), join(folder, `${signal}.trace`)];
      const child = await atPrompt(["--stats", stats, "--trace", trace]);
      const closed = once(child, "close");
      child.stdout.resume();
      child.kill(signal);
      expect(await closed).toEqual([null, signal]);
      expect(JSON.parse(readFileSync(stats, "utf8"))).toMatchObject({
        instructions: expect.any(Number),
        memory_hash: expect.stringMatching(/^[0-9a-f]{8}$/),
        registers: { eip: expect.any(Number), cpl: expect.any(Number) },
      });
      expect(existsSync(trace)).toBe(true);
    },
  );
});

test("--timeout ends a guest that asks for one reset after the other", async () => {
  const kernel = join(folder, "serial.elf");
  writeFileSync(kernel, serialProgram());
  const child = start(["boot", "--kernel", kernel, "--timeout", "6"]);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  // A machine says something as soon as it is up; what is typed then resets it.
  child.stdout.on("data", () => child.stdin.write(keys.reset));
  expect(await once(child, "close")).toEqual([124, null]);
  expect(stderr).toBe("mercury: the machine was still running after 6 s\n");
});
