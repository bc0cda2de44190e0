import { readFileSync } from "node:fs";
import { writeCpio } from "@mercury/guest-os";
import type { Debian } from "./packages.ts";

const encoder = new TextEncoder();
const directory = 0o040755;
const program = 0o100755;

/** First process: loads the modules, runs the session between two marks, and switches the power off. */
const init = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /tmp /mnt
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin
for module in /modules/*; do insmod $module || echo "no $module"; done
[ -f /shell ] && setsid cttyhack sh
echo "@@ begin"
sh /session 2>&1
echo "@@ end"
poweroff -f
`;

/** A RAM disk that runs a shell script, or with `shell` first a shell on the console, under a kernel with some modules. */
export function sessionDisk(debian: Debian, modules: readonly string[], session: string, shell = false): Uint8Array {
  const entry = (path: string, mode: number, contents: Uint8Array = new Uint8Array(0)): Parameters<typeof writeCpio>[0][number] => ({
    path,
    mode,
    contents,
    inode: 0,
    links: 1,
  });
  return writeCpio([
    ...["bin", "dev", "modules"].map((path) => entry(path, directory)),
    entry("bin/busybox", program, debian.busybox),
    entry("init", program, encoder.encode(init)),
    entry("session", program, encoder.encode(session)),
    ...(shell ? [entry("shell", program)] : []),
    ...debian
      .modules(modules)
      .map(({ name, contents }, index) => entry(`modules/${String(index).padStart(2, "0")}-${name}.ko`, program, contents)),
  ]);
}

/** The lines that a session printed, without what the terminal adds. What firmware has printed may stand before the first mark in its line. */
export function sessionOf(console: string): string {
  const text = console.replaceAll("\r", "");
  const [, session] = /@@ begin\n(.*)^@@ end$/ms.exec(text) ?? [];
  if (session === undefined) throw new Error(`no session on the console, which ends:\n${text.slice(-3000)}`);
  return session;
}

/** The host's copy of the script that is beside this file. */
export const script = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");
