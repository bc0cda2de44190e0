import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { possible } from "@mercury/vitest/possible";

/** Where .ci/run leaves Debian's i386 packages. */
const folder = join(homedir(), ".cache", "mercury", "debian");

/** The kernels that Debian 12 has for i386: with two-level page tables, and with PAE and NX. */
export type Flavour = "686" | "686-pae";

/** What a boot of Debian's kernel takes. */
export interface Debian {
  readonly kernel: string;
  readonly busybox: Uint8Array;
  /** Kernel modules by name, in the order in which they can be loaded. */
  readonly modules: (names: readonly string[]) => readonly { readonly name: string; readonly contents: Uint8Array }[];
}

function find(pattern: RegExp): string {
  const found = existsSync(folder) ? readdirSync(folder).find((name) => pattern.test(name)) : undefined;
  if (found === undefined) throw new Error(`no package like ${pattern.source} in ${folder}: .ci/run fetches it`);
  return join(folder, found);
}

const packageOf: Readonly<Record<Flavour | "busybox", RegExp>> = {
  "686": /^linux-image-[\d.]+-\d+-686_.*_i386\.deb$/,
  "686-pae": /^linux-image-[\d.]+-\d+-686-pae_.*_i386\.deb$/,
  busybox: /^busybox-static_.*_i386\.deb$/,
};

/** Which package is missing, as a sentence; null when none is. */
function missing(): string | null {
  try {
    for (const pattern of Object.values(packageOf)) find(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether the packages are there. */
export function debianAvailable(): boolean {
  return possible("tests with Debian's kernels", missing());
}

function unpack(file: string, into: string, patterns: readonly string[]): void {
  const script = 'file=$1; into=$2; shift 2; dpkg-deb --fsys-tarfile "$file" | tar -x -C "$into" --wildcards "$@"';
  const { status, stderr } = spawnSync("sh", ["-c", script, "sh", file, into, ...patterns], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file} cannot be unpacked: ${stderr}`);
}

/** Unpacks Debian's busybox into a folder; its path there. */
export function unpackBusybox(into: string): string {
  unpack(find(packageOf.busybox), into, ["./bin/busybox"]);
  return join(into, "bin", "busybox");
}

/** Unpacks a kernel of Debian's with its modules, and busybox, into an empty folder. */
export function unpackDebian(flavour: Flavour, into: string): Debian {
  const parts = ["drivers/ata", "drivers/scsi", "drivers/virtio", "drivers/block", "block", "fs", "lib", "crypto"];
  unpack(find(packageOf[flavour]), into, ["./boot/vmlinuz*", ...parts.map((part) => `./lib/modules/*/kernel/${part}/*.ko`)]);
  const busybox = unpackBusybox(into);
  const names = readdirSync(join(into, "lib"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ko"));
  const files = new Map(names.map((file) => [nameOf(file), join(into, "lib", file)]));
  return {
    kernel: join(into, "boot", readdirSync(join(into, "boot"))[0] ?? ""),
    busybox: readFileSync(busybox),
    modules: (wanted) => inOrder(wanted, files),
  };
}

const nameOf = (file: string): string => file.replace(/^.*\/(.*)\.ko$/, "$1").replaceAll("-", "_");

/** Every module behind those that it says it depends on. */
function inOrder(names: readonly string[], files: ReadonlyMap<string, string>): { name: string; contents: Uint8Array }[] {
  const ordered = new Map<string, Uint8Array>();
  const visit = (dashed: string): void => {
    const name = dashed.replaceAll("-", "_");
    const file = files.get(name);
    if (file === undefined) throw new Error(`Debian's kernel has no module ${name} among those unpacked`);
    if (ordered.has(name)) return;
    const contents = readFileSync(file);
    // The module's own information is a list of texts that end in zeros.
    const depends = /\0depends=([^\0]*)\0/.exec(contents.toString("latin1"))?.[1] ?? "";
    for (const needed of depends.split(",").filter((each) => each !== "")) visit(needed);
    ordered.set(name, contents);
  };
  for (const name of names) visit(name);
  return [...ordered].map(([name, contents]) => ({ name, contents }));
}
