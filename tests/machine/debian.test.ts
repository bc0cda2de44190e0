import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDiskFile } from "@mercury/x86/node";
import { qemu } from "@mercury/machine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeImage, readBack } from "./debian/images.ts";
import { type Debian, debianAvailable, type Flavour, unpackDebian } from "./debian/packages.ts";
import { qemuConsole } from "./debian/qemu.ts";
import { script, sessionDisk, sessionOf } from "./debian/ramdisk.ts";
import { mercury } from "./mercury.ts";
import { available } from "./tools.ts";

const flavours: readonly Flavour[] = ["686", "686-pae"];
const modules = ["ata_piix", "sd_mod", "virtio_pci", "virtio_blk", "crc32c_generic", "ext4"];
const session = script("compute.sh") + script("disks.sh");
// The kernels' own messages differ by what the machines have, and may come at any time.
const commandLine = "console=ttyS0 loglevel=0";
const seconds = 1200;

const diskNames = ["sda", "vda", "vdb"] as const;

let folder = "";
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-debian-"));
  if (debianAvailable()) for (const name of diskNames) makeImage(folder, name);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The disks of a machine by name; each machine has its own. */
function disksFor(machine: string): { readonly sda: string; readonly vda: string; readonly vdb: string } {
  const own = file(machine);
  mkdirSync(own);
  for (const name of diskNames) copyFileSync(file(name), join(own, name));
  return { sda: join(own, "sda"), vda: join(own, "vda"), vdb: join(own, "vdb") };
}

/** The three disks as QEMU takes them. */
function drives(): string[] {
  const { sda, vda, vdb } = disksFor("qemu");
  const drive = (image: string, bus: string): string => `file=${image},format=raw,if=${bus}`;
  return [drive(sda, "ide"), drive(vda, "virtio"), drive(`${vdb},readonly=on`, "virtio")];
}

describe.skipIf(!debianAvailable()).each(flavours)("Debian's kernel %s, as it is", (flavour) => {
  let debian: Debian | undefined;
  let initrd = "";
  beforeAll(() => {
    const into = file(flavour);
    mkdirSync(into);
    debian = unpackDebian(flavour, into);
    initrd = file(`${flavour}.cpio`);
    // The shell that reads what is typed is ours alone: QEMU's serial port loses what comes before somebody reads.
    writeFileSync(initrd, sessionDisk(debian, modules, session, true));
  });

  test(
    "boots to a shell, uses its disks, computes what it computes under QEMU, and switches off",
    { timeout: 2 * seconds * 1000 },
    async (context) => {
      if (!available(qemu)) return context.skip();
      const kernel = debian?.kernel ?? "";
      const { sda, vda, vdb } = disksFor(`mercury-${flavour}`);
      const [untouched, overlay] = [readFileSync(vda), `${vda}.overlay`];
      const disks = ["--disk", sda, "--disk", `${vda},overlay=${overlay},bus=virtio`, "--disk", `${vdb},ro,bus=virtio`];
      const options = ["boot", "--icount", "--kernel", kernel, "--initrd", initrd, "--append", commandLine, ...disks];
      const { code, stdout, stderr } = await mercury(options, { input: "echo typed $((6 * 7))\nexit\n" });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain("typed 42\r\n");

      const plain = file(`${flavour}-session.cpio`);
      if (debian !== undefined) writeFileSync(plain, sessionDisk(debian, modules, session));
      rmSync(file("qemu"), { recursive: true, force: true });
      const theirs = await qemuConsole({ kernel, initrd: plain, commandLine, memory: 256, drives: drives() }, seconds);
      expect(sessionOf(stdout)).toBe(sessionOf(theirs));

      expect(readBack(sda)).toEqual({ lastNumber: "60000", file: "file 77 on sda" });
      expect(readFileSync(vda).equals(untouched)).toBe(true);
      const merged = openDiskFile({ file: vda, overlay });
      const contents = new Uint8Array(merged.sectors * 512);
      merged.read(0, contents);
      merged.close();
      writeFileSync(file("merged"), contents);
      expect(readBack(file("merged"))).toEqual({ lastNumber: "60000", file: "file 77 on vda" });
    },
  );
});
