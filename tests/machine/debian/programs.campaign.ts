import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mercury } from "../mercury.ts";
import { type Debian, unpackDebian } from "./packages.ts";
import { fetchPrograms, makeProgramsDisk, programSession } from "./programs.ts";
import { qemuConsole } from "./qemu.ts";
import { sessionDisk, sessionOf } from "./ramdisk.ts";

// Debian's own programs for i386, each session under Debian's kernel on our PC and on QEMU's, compared byte for byte.
const modules = ["virtio_pci", "virtio_blk", "crc32c_generic", "ext4"];
const commandLine = "console=ttyS0 loglevel=0";
const memory = 768;
const hour = 3600;

const sessions = readdirSync(new URL("programs", import.meta.url))
  .filter((name) => name.endsWith(".sh"))
  .map((name) => name.replace(/\.sh$/, ""));

let folder = "";
let disk = "";
let debian: Debian | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-programs-"));
  const kernel = join(folder, "kernel");
  mkdirSync(kernel);
  debian = unpackDebian("686-pae", kernel);
  fetchPrograms();
  disk = makeProgramsDisk(folder);
}, hour * 1000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("Debian's programs", () => {
  test.each(sessions)("%s", { timeout: 2 * hour * 1000 }, async (session) => {
    if (debian === undefined) throw new Error("Debian's kernel is not unpacked");
    const { kernel } = debian;
    const initrd = join(folder, `${session}.cpio`);
    writeFileSync(initrd, sessionDisk(debian, modules, programSession(session)));
    const theirs = sessionOf(
      await qemuConsole({ kernel, initrd, commandLine, memory, drives: [`file=${disk},format=raw,if=virtio,snapshot=on`] }, hour),
    );
    expect(theirs).not.toMatch(/not found|No such file/);

    const machine = ["--icount", "--memory", String(memory), "--disk", `${disk},overlay=${join(folder, session)}.overlay,bus=virtio`];
    const boot = ["--kernel", kernel, "--initrd", initrd, "--append", commandLine];
    const { code, stdout, stderr } = await mercury(["boot", ...machine, ...boot], { seconds: hour });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(sessionOf(stdout)).toBe(theirs);
  });
});
