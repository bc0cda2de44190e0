import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { testKernel } from "../testing/kernel.ts";
import { scratchPackage } from "../testing/scratch.ts";
import { requireTool } from "../testing/tools.ts";
import { writeElf } from "./elf.ts";

const source = `import { out32 } from "mercury:vo";
let count: u32 = 40;

function add(n: u32): u32 {
  count += n;
  return count;
}

function twice(n: u32, low: u64): u32 {
  const first = add(n);
  return add(<u32>low) + first;
}

export function main(): void {
  let sum: u32 = 0;
  for (let n: u32 = 1; n < 3; n++) sum += twice(n, n) + twice(sum, n);
  out32(0xf4, sum);
}
`;

test("gdb on QEMU stops in a metal function and shows its source line", async (context) => {
  requireTool(context, "qemu-system-i386", "--version");
  requireTool(context, "gdb", "--version");
  const scratch = scratchPackage("@acme/program", { "metal/index.ts": source });
  const file = scratch.path("kernel.elf");
  writeFileSync(file, writeElf(await testKernel(scratch.root, 1)));
  const socket = scratch.path("gdb");
  const qemu = spawn("qemu-system-i386", [
    "-kernel",
    file,
    "-display",
    "none",
    "-no-reboot",
    "-device",
    "isa-debug-exit,iobase=0xf4",
    "-S",
    "-gdb",
    `unix:${socket},server,nowait`,
  ]);
  try {
    while (!existsSync(socket) && qemu.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
    const commands = [
      `target remote ${socket}`,
      "hbreak index.ts:5",
      "continue",
      "info line *$pc",
      "list *$pc",
      "backtrace",
      "continue",
      "backtrace",
      "kill",
    ];
    const { stdout } = spawnSync("gdb", ["-batch", "-nx", ...commands.flatMap((command) => ["-ex", command]), file], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(stdout).toContain(`Line 5 of "${scratch.path("metal/index.ts")}"`);
    const callers = [...stdout.matchAll(/^#\d.* (?:in )?(\S+) \(\) at .*index\.ts:(\d+)$/gm)].map(
      (match) => `${match[1]?.split("/").at(-1)}:${match[2]}`,
    );
    expect(callers).toEqual(["add:5", "twice:10", "main:16", "add:5", "twice:11", "main:16"]);
    expect(stdout).toMatch(/\n5\t {2}count \+= n;\n/);
  } finally {
    qemu.kill();
    scratch.remove();
  }
});
