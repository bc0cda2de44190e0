import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Disk } from "../disk/disk.ts";
import { type DiskFile, openDiskFile } from "./disk-file.ts";

let folder = "";
const path = (name: string): string => join(folder, name);
const sector = (fill: number): Uint8Array => new Uint8Array(512).fill(fill);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-disk-"));
});
beforeEach(() => writeFileSync(path("image"), new Uint8Array(8 * 512).fill(1)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("disk files", () => {
  test("a file is written in place", () => {
    const disk = openDiskFile({ file: path("image") });
    disk.write(3, sector(7));
    disk.close();
    expect([...readFileSync(path("image")).subarray(2 * 512 + 511, 3 * 512 + 1)]).toEqual([1, 7]);
  });

  test("an overlay keeps what is written, the file stays as it was", () => {
    const before = readFileSync(path("image"));
    const disk = openDiskFile({ file: path("image"), overlay: path("overlay") });
    disk.write(3, sector(7));
    disk.close();
    expect(readFileSync(path("image")).equals(before)).toBe(true);
    const again = openDiskFile({ file: path("image"), overlay: path("overlay") });
    const read = sector(0);
    again.read(3, read);
    again.close();
    expect(read).toEqual(sector(7));
  });

  test("a read-only disk has no way to the file", () => {
    const disk = openDiskFile({ file: path("image"), readOnly: true });
    expect(disk.readOnly).toBe(true);
    expect(() => disk.write(0, sector(9))).toThrow();
    disk.close();
  });

  test("a file that is cut while it is a disk gives an error, not zeros", () => {
    const disk = openDiskFile({ file: path("image") });
    truncateSync(path("image"), 3 * 512 + 100);
    disk.read(2, sector(0));
    expect(() => disk.read(3, sector(0))).toThrow("the file has become shorter");
    disk.close();
  });

  test.each([
    ["a missing file", { file: "missing" }, "missing cannot be opened: no such file or directory"],
    ["a folder", { file: "." }, "cannot be opened"],
    ["half a sector", { file: "half" }, "half: a disk image of 256 bytes"],
    ["a foreign overlay", { file: "image", overlay: "half" }, "half: offset 0: not an overlay of Mercury's"],
  ])("%s is refused by name", (_, { file, ...rest }, message) => {
    writeFileSync(path("half"), new Uint8Array(256));
    const overlay = "overlay" in rest ? { overlay: path(rest.overlay) } : {};
    expect(() => openDiskFile({ file: path(file), ...overlay })).toThrow(message);
  });
});

/** Another process that has a disk open; it is killed at the end of the test. */
async function holder(image: DiskFile): Promise<ChildProcess> {
  const built = new URL("../../dist/node/index.js", import.meta.url).href;
  const program = `import { openDiskFile } from ${JSON.stringify(built)}; openDiskFile(${JSON.stringify(image)}); console.log("open"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  if (String(said) !== "open\n") throw new Error("the other process has not opened the disk");
  return child;
}

const locks = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".lock"));

describe("a file that somebody uses", () => {
  test.each<[string, Omit<DiskFile, "file">, Omit<DiskFile, "file">]>([
    ["writers", {}, {}],
    ["a writer and a reader", {}, { readOnly: true }],
    ["a reader and a writer", { readOnly: true }, {}],
    ["the base of an overlay and a writer", { overlay: "o1" }, {}],
    ["the same overlay", { overlay: "o1" }, { overlay: "o1" }],
  ])("is refused to another: %s", (_, first, second) => {
    const open = (how: Omit<DiskFile, "file">): Disk =>
      openDiskFile({ ...how, file: path("image"), ...(how.overlay !== undefined && { overlay: path(how.overlay) }) });
    const disk = open(first);
    expect(() => open(second)).toThrow(/(image|o1): this process is (reading|writing) it as a disk: it cannot be used for/);
    disk.close();
    open(second).close();
    expect(locks()).toEqual([]);
  });

  test("is shared by those who only read, and known under its other names", () => {
    const readers = [0, 1].map(() => openDiskFile({ file: path("image"), readOnly: true }));
    symlinkSync(path("image"), path("link"));
    expect(() => openDiskFile({ file: path("link") })).toThrow("this process is reading it");
    for (const reader of readers) reader.close();
    openDiskFile({ file: path("link") }).close();
    rmSync(path("link"));
    expect(locks()).toEqual([]);
  });

  test("is free when that process has been killed", async () => {
    const child = await holder({ file: path("image") });
    expect(() => openDiskFile({ file: path("image") })).toThrow(`image: process ${child.pid} is writing it as a disk`);
    child.kill("SIGKILL");
    await once(child, "close");
    openDiskFile({ file: path("image") }).close();
    expect(locks()).toEqual([]);
  });

  test("is free when what has the dead process's number now is another", () => {
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(path(`image.${pid}--0.writing.lock`), "");
    // Nothing that runs now began in the first hundredth of a second after the start of the system.
    if (process.platform === "linux") writeFileSync(path(`image.${process.ppid}-0-0.writing.lock`), "");
    writeFileSync(path(`image.${process.pid}--999999999.reading.lock.txt`), "");
    openDiskFile({ file: path("image") }).close();
    expect(locks()).toEqual([]);
  });
});
