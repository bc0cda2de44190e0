import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as toolchain from "./index.ts";
import { requireLinux386 } from "./testing/tools.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Text of the first fenced block in a language. */
function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readme) ?? [];
  if (text === undefined) throw new Error(`README.md has no ${language} block`);
  return text;
}

test("the README's example prints what the README says", (context) => {
  requireLinux386(context);
  const folder = mkdtempSync(join(tmpdir(), "mercury-readme-"));
  // In this package, so that its own name means it.
  const program = fileURLToPath(new URL(`../readme-example-${process.pid}.mjs`, import.meta.url));
  try {
    writeFileSync(program, block("js"));
    const { stdout, stderr } = spawnSync(process.execPath, [program], { cwd: folder, encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: block("text"), stderr: "" });
  } finally {
    rmSync(program, { force: true });
    rmSync(folder, { recursive: true });
  }
});

test("the README names the symbols that the linker defines", () => {
  const a = toolchain.createAssembler();
  a.procedure("start");
  a.ret();
  const { symbols } = toolchain.linkImage({
    name: "x",
    program: null,
    stubs: a.finish(),
    textBase: 0x1000,
    dataBase: 0x2000,
    limit: null,
    loadOffset: 0,
    entry: "start",
    siteTable: false,
    blobs: [],
  });
  for (const name of symbols.keys()) {
    if (name.startsWith("image.")) expect(readme).toContain(`\`${name}\``);
  }
});
