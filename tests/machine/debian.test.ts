import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDiskFile } from "@mercury/x86/node";
import { openDisks, qemu, x86 } from "@mercury/machine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeImage, readBack } from "./debian/images.ts";
import { type Debian, debianAvailable, type Flavour, unpackDebian } from "./debian/packages.ts";
import { qemuConsole } from "./debian/qemu.ts";
import { script, sessionDisk, sessionOf } from "./debian/ramdisk.ts";
import { mercury, type Outcome } from "./mercury.ts";
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

/** The disks of a machine: written directly, under an overlay, only read. */
interface Images {
  readonly sda: string;
  readonly vda: string;
  readonly overlay: string;
  readonly vdb: string;
}

/** Each machine has its own. */
function disksFor(machine: string): Images {
  const own = file(machine);
  mkdirSync(own);
  for (const name of diskNames) copyFileSync(file(name), join(own, name));
  return { sda: join(own, "sda"), vda: join(own, "vda"), overlay: join(own, "overlay"), vdb: join(own, "vdb") };
}

/** What `--disk` takes. */
const specOf = ({ sda, vda, overlay, vdb }: Images): readonly string[] => [
  sda,
  `${vda},overlay=${overlay},bus=virtio`,
  `${vdb},ro,bus=virtio`,
];

/** Boots our machine, saves it when its console has said some words, and gives what it has said until then. */
async function saveAt(
  words: string,
  boot: { readonly kernel: string; readonly initrd: string },
  images: Images,
  snapshot: string,
): Promise<string> {
  const { sda, vda, overlay, vdb } = images;
  const { disks, close } = openDisks([{ file: sda }, { file: vda, overlay, bus: "virtio" }, { file: vdb, readOnly: true, bus: "virtio" }]);
  try {
    let text = "";
    const running = await x86({ icount: true, disks }).start({
      image: readFileSync(boot.kernel),
      modules: [readFileSync(boot.initrd)],
      commandLine,
      memory: 256,
      onSerial: (port, bytes) => {
        if (port === 0) text += Buffer.from(bytes).toString("latin1");
        if (text.includes(words)) running.stop();
      },
    });
    running.send(Buffer.from("echo typed $((6 * 7))\nexit\n"));
    expect(await running.done).toEqual({ kind: "stopped" });
    writeFileSync(snapshot, running.save());
    return text;
  } finally {
    close();
  }
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
    "boots to a shell, uses its disks, is saved among them, goes on twice alike, computes what it computes under QEMU, and switches off",
    { timeout: 3 * seconds * 1000 },
    async (context) => {
      if (!available(qemu)) return context.skip();
      const kernel = debian?.kernel ?? "";
      const images = disksFor(`mercury-${flavour}`);
      const { sda, vda } = images;
      const [untouched, snapshot] = [readFileSync(vda), file(`${flavour}.snapshot`)];
      const before = await saveAt("hello from vda", { kernel, initrd }, images, snapshot);
      // What is written directly is for each restore to be as it was; the overlay's contents are in the snapshot.
      copyFileSync(sda, `${sda}.2`);
      const goOn = async (name: string, restored: Images): Promise<Outcome> => {
        const options = specOf(restored).flatMap((spec) => ["--disk", spec]);
        const outcome = await mercury(["boot", "--restore", snapshot, "--stats", file(name), ...options]);
        expect(outcome).toMatchObject({ code: 0, stderr: "" });
        return outcome;
      };
      const first = await goOn("first", images);
      const second = await goOn("second", { ...images, sda: `${sda}.2`, overlay: `${images.overlay}.2` });
      expect(second.stdout).toBe(first.stdout);
      expect(readFileSync(file("second"), "utf8")).toBe(readFileSync(file("first"), "utf8"));
      expect(readFileSync(`${sda}.2`).equals(readFileSync(sda))).toBe(true);
      const stdout = before + first.stdout;
      expect(stdout).toContain("typed 42\r\n");

      const plain = file(`${flavour}-session.cpio`);
      if (debian !== undefined) writeFileSync(plain, sessionDisk(debian, modules, session));
      rmSync(file("qemu"), { recursive: true, force: true });
      const theirs = await qemuConsole({ kernel, initrd: plain, commandLine, memory: 256, drives: drives() }, seconds);
      expect(sessionOf(stdout)).toBe(sessionOf(theirs));

      expect(readBack(sda)).toEqual({ lastNumber: "60000", file: "file 77 on sda" });
      expect(readFileSync(vda).equals(untouched)).toBe(true);
      for (const overlay of [images.overlay, `${images.overlay}.2`]) {
        const merged = openDiskFile({ file: vda, overlay });
        const contents = new Uint8Array(merged.sectors * 512);
        merged.read(0, contents);
        merged.close();
        writeFileSync(file("merged"), contents);
        expect(readBack(file("merged"))).toEqual({ lastNumber: "60000", file: "file 77 on vda" });
      }
    },
  );
});
