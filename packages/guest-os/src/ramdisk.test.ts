import { execFileSync, spawnSync } from "node:child_process";
import { possible } from "@mercury/vitest/possible";
import { describe, expect, test } from "vitest";
import { buildRamdisk } from "./ramdisk.ts";

const text = (contents: string): Uint8Array => new TextEncoder().encode(contents);
const missing = spawnSync("cpio", ["--version"]).error === undefined ? null : "cpio is not installed (Debian package cpio)";

const disk = buildRamdisk(
  [
    { path: "/bin/box", links: ["/bin/ls", "/sbin/init"], bytes: text("program") },
    { path: "/bin/alone", links: [], bytes: text("alone!") },
  ],
  [
    { path: "/etc/motd", mode: 0o644, contents: text("hello\n") },
    { path: "/tmp", mode: 0o41777, contents: new Uint8Array(0) },
  ],
);

test("the same parts give the same bytes", () => {
  expect(buildRamdisk([], [{ path: "/a", mode: 0o600, contents: text("x") }])).toEqual(
    buildRamdisk([], [{ path: "/a", mode: 0o600, contents: text("x") }]),
  );
});

describe.runIf(possible("tests with cpio(1)", missing))("as cpio(1) reads it", () => {
  const list = (args: string[]): string => execFileSync("cpio", [...args, "--quiet"], { input: disk, encoding: "latin1" });

  test("folders come before what is in them, with their modes", () => {
    const lines = list(["-itv"])
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/));
    expect(lines.map((fields) => [fields[0], fields.at(-1)])).toEqual([
      ["drwxr-xr-x", "bin"],
      ["drwxr-xr-x", "etc"],
      ["drwxr-xr-x", "sbin"],
      ["drwxrwxrwt", "tmp"],
      ["-rw-r--r--", "etc/motd"],
      ["-rwxr-xr-x", "bin/box"],
      ["-rwxr-xr-x", "bin/ls"],
      ["-rwxr-xr-x", "sbin/init"],
      ["-rwxr-xr-x", "bin/alone"],
    ]);
  });

  test("every name of a program gives its contents", () => {
    for (const path of ["bin/box", "bin/ls", "sbin/init"]) expect(list(["-i", "--to-stdout", path])).toMatch(/^(program)?$/);
    expect(list(["-i", "--to-stdout", "sbin/init"])).toBe("program");
    expect(list(["-i", "--to-stdout", "bin/alone"])).toBe("alone!");
    expect(list(["-i", "--to-stdout", "etc/motd"])).toBe("hello\n");
  });
});
