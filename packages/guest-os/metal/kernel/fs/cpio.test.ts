import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { Kernel } from "../../../src/testing/kernel.ts";

/** Where the boot path would have put the archive. */
const ARCHIVE = 0xb060_0000;

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly data?: string;
  readonly inode?: number;
  readonly links?: number;
  readonly device?: readonly [number, number];
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");
const padded = (text: string): string => text.padEnd((text.length + 3) & ~3, "\0");

/** An archive in the newc format, written from the format's description and not by the writer that the product uses. */
function newc(entries: readonly Entry[]): Buffer {
  const one = ({ name, mode, data = "", inode = 0, links = 1, device = [0, 0] }: Entry): string => {
    const fields = [inode, mode, 0, 0, links, 1_000_000_000, data.length, 0, 0, ...device, name.length + 1, 0];
    return padded(`070701${fields.map(hex).join("")}${name}\0`) + padded(data);
  };
  return Buffer.from([...entries, { name: "TRAILER!!!", mode: 0 }].map(one).join(""), "latin1");
}

let kernel: Kernel;
beforeEach(async () => {
  kernel = await Kernel.start();
});

function unpack(archive: Uint8Array): boolean {
  kernel.line.text();
  kernel.poke(ARCHIVE, archive);
  return kernel.number("unpackArchive", ARCHIVE, ARCHIVE + archive.length) === 1;
}

const tree: readonly Entry[] = [
  { name: ".", mode: 0o40755 },
  { name: "etc", mode: 0o40711 },
  { name: "etc/motd", mode: 0o100640, data: "welcome\n" },
  { name: "./etc/long", mode: 0o100644, data: "abcdefg".repeat(3000) },
  { name: "etc/link", mode: 0o120777, data: "motd" },
  { name: "etc/null", mode: 0o20666, device: [1, 3] },
  { name: "etc/fifo", mode: 0o10600 },
];

describe("unpackArchive", () => {
  test("makes directories, files, links, devices and FIFOs", () => {
    expect(unpack(newc(tree))).toBe(true);
    expect(kernel.list("/etc")).toEqual([".", "..", "motd", "long", "link", "null", "fifo"]);
    expect(kernel.stat("/etc")).toMatchObject({ mode: 0o40711 });
    expect(kernel.stat("/etc/motd")).toMatchObject({ mode: 0o100640, size: 8 });
    expect(kernel.contents("/etc/link")).toBe("welcome\n");
    expect(kernel.contents("/etc/long")).toBe("abcdefg".repeat(3000));
    expect(kernel.contents("/etc/null")).toBe("");
    expect(kernel.stat("/etc/fifo")).toMatchObject({ mode: 0o10600 });
  });

  test("names of one inode become hard links, the bytes standing at the last", () => {
    const names = ["a", "b", "c"].map((name, index) => ({ name, mode: 0o100755, inode: 7, links: 3, data: index === 2 ? "body" : "" }));
    expect(unpack(newc(names))).toBe(true);
    expect(kernel.stat("/a")).toMatchObject({ links: 3, size: 4 });
    expect(kernel.contents("/a")).toBe("body");
    expect(kernel.contents("/b")).toBe("body");
  });

  test("a later archive goes over an earlier one", () => {
    unpack(newc(tree));
    expect(unpack(newc([{ name: "etc", mode: 0o40700 }, { name: "etc/motd", mode: 0o100600, data: "new" }]))).toBe(true);
    expect(kernel.contents("/etc/motd")).toBe("new");
    expect(kernel.stat("/etc")).toMatchObject({ mode: 0o40700 });
    expect(kernel.contents("/etc/long")).toHaveLength(21_000);
  });

  test.each<[string, Uint8Array, string]>([
    ["empty", Buffer.alloc(0), "archive refused at byte 0: the archive ends without its trailer"],
    ["not an archive", Buffer.alloc(200, 0x1f), "archive refused at byte 0: no header of a newc archive"],
    ["compressed", Buffer.from([0x1f, 0x8b, 8, ...Array<number>(120).fill(0)]), "archive refused at byte 0: no header of a newc archive"],
    ["no trailer", newc(tree).subarray(0, 112 + 116), "archive refused at byte 228: the archive ends without its trailer"],
    ["no directory", newc([{ name: "x/y", mode: 0o100644 }]), "archive refused at byte 0: a name in a directory that no entry before has made"],
    ["a socket", newc([{ name: "s", mode: 0o140644 }]), "archive refused at byte 0: a kind of file that this system does not have"],
    ["bad digits", Buffer.from(newc([{ name: "s", mode: 0o100644 }]).toString("latin1").replace("000081a4", "0000g1a4")),
      "archive refused at byte 0: a header with something else than hexadecimal digits"],
  ])("%s: refused with the place and the reason", (_, archive, message) => {
    expect(unpack(archive)).toBe(false);
    expect(kernel.line.text()).toContain(message);
  });

  test("an archive that is cut off anywhere, or has a byte changed in a header, is refused or unpacked, and the kernel goes on", () => {
    const whole = newc(tree);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length - 1), (cut, byte, at) => {
        expect(unpack(whole.subarray(0, cut))).toBe(false);
        const changed = Uint8Array.from(whole);
        changed[at] = byte;
        unpack(changed);
        expect(kernel.list("/")).toContain("dev");
      }),
      { numRuns: 150 },
    );
  });
});
