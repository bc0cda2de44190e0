import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDiskFile } from "./disk-file.ts";

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
