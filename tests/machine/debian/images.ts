import { spawnSync } from "node:child_process";
import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Runs a program of the host's and gives its output; throws what it said when it fails. */
export function host(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** Makes a file system of 24 MB with a greeting in it. */
export function makeImage(folder: string, name: string): string {
  const contents = join(folder, `${name}.d`);
  const image = join(folder, name);
  mkdirSync(contents, { recursive: true });
  writeFileSync(join(contents, "greeting"), `hello from ${name}\n`);
  writeFileSync(image, "");
  truncateSync(image, 24 << 20);
  host("mkfs.ext4", "-q", "-F", "-d", contents, image);
  return image;
}

/** What `disks.sh` leaves on an image, as the host sees it; throws when the file system is not clean. */
export function readBack(image: string): { readonly lastNumber: string; readonly file: string } {
  host("e2fsck", "-f", "-n", image);
  const cat = (path: string): string => host("debugfs", "-R", `cat ${path}`, image).trimEnd();
  return { lastNumber: cat("/numbers").split("\n").at(-1) ?? "", file: cat("/many/77") };
}
