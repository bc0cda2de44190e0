import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { possible } from "@mercury/vitest/possible";
import { createAssembler } from "../assembler/block.ts";
import { eax, ebx } from "../assembler/registers.ts";
import { writeElf } from "../link/elf.ts";
import { linkImage } from "../link/image.ts";

/** What is used of vitest's test context. */
interface Skippable {
  readonly skip: (reason: string) => void;
}

function require(context: Skippable, tests: string, missing: string | null): void {
  if (!possible(tests, missing)) context.skip(missing ?? "");
}

/** Skips the test when a program is not installed. */
export function requireTool(context: Skippable, command: string, ...probe: readonly string[]): void {
  const missing = spawnSync(command, probe, { stdio: "ignore" }).error !== undefined;
  require(context, `tests with ${command}`, missing ? `${command} is not installed` : null);
}

/** Skips the test on a host that executes no Linux i386 programs. */
export function requireLinux386(context: Skippable): void {
  linux386 ??= executes386();
  require(context, "tests of compiled programs", linux386 ? null : "this host executes no Linux i386 programs");
}

/** Answer of {@link executes386}, asked once in a process. */
let linux386: boolean | undefined;

/** Runs the smallest program there is: exit(42). */
function executes386(): boolean {
  const a = createAssembler();
  a.procedure("start");
  a.mov(eax, 1);
  a.mov(ebx, 42);
  a.int(0x80);
  const image = linkImage({
    name: "probe",
    program: null,
    stubs: a.finish(),
    textBase: 0x0804_8000,
    dataBase: 0x0810_0000,
    limit: null,
    loadOffset: 0,
    entry: "start",
    siteTable: false,
    blobs: [],
  });
  const folder = mkdtempSync(join(tmpdir(), "mercury-probe-"));
  try {
    const file = join(folder, "probe");
    writeFileSync(file, writeElf(image, { debug: false }), { mode: 0o755 });
    return spawnSync(file).status === 42;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
