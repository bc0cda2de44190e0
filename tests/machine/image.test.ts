import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isoToolsMissing } from "@mercury/machine";
import { possible } from "@mercury/vitest/possible";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { qemu } from "./machines.ts";
import { mercury } from "./mercury.ts";
import { available } from "./tools.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-image-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts QEMU as the README does, says `poweroff` at the prompt, and answers what the console said. */
async function underQemu(args: readonly string[]): Promise<{ readonly status: number | null; readonly text: string }> {
  const machine = ["-nodefaults", "-display", "none", "-no-reboot", "-m", "64", "-serial", "stdio"];
  const child = spawn("qemu-system-i386", [...machine, ...args], { stdio: "pipe", timeout: 600_000, killSignal: "SIGKILL" });
  let text = "";
  let asked = false;
  child.stdout.setEncoding("latin1").on("data", (part: string) => {
    text += part;
    if (asked || !text.endsWith("# ")) return;
    asked = true;
    child.stdin.write("cat /proc/mercury/mode; poweroff\n");
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, text };
}

describe.runIf(available(qemu))("an image that mercury image wrote, under QEMU", () => {
  test("boots as a multiboot kernel", async () => {
    const out = join(folder, "mercury.elf");
    expect(await mercury(["image", "--out", out])).toEqual({ code: 0, stdout: "", stderr: "" });
    const { status, text } = await underQemu(["-kernel", out]);
    expect(text).toMatch(/^mercury: ready\r?$/m);
    expect(text).toMatch(/^native\r?$/m);
    expect(status).toBe(0);
  });

  test.runIf(possible("CD images", isoToolsMissing()))("boots from a CD, in the mode that the image was made for", async () => {
    const out = join(folder, "mercury.iso");
    expect(await mercury(["image", "--out", out, "--format", "iso", "--mode", "virtual"])).toEqual({ code: 0, stdout: "", stderr: "" });
    const { status, text } = await underQemu(["-cdrom", out]);
    expect(text).toMatch(/^mercury: ready\r?$/m);
    expect(text).toMatch(/^virtual\r?$/m);
    expect(status).toBe(0);
  });
});
