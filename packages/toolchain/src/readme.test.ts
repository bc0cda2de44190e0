import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as toolchain from "./index.ts";
import { scratchPackage } from "./testing/scratch.ts";
import { requireLinux386 } from "./testing/tools.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Text of the first fenced block in a language. */
function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(readme) ?? [];
  if (text === undefined) throw new Error(`README.md has no ${language} block`);
  return text;
}

test("the README's example prints what the README says", async (context) => {
  requireLinux386(context);
  const code = block("js").replace(/^import (\{.*?\}) from "@mercury\/toolchain";/, "const $1 = toolchain;");
  const comment = /\/\/ hello\/metal\/index.ts:\n((?:\/\/   .*\n)+)/.exec(code)?.[1] ?? "";
  const { root, path, remove } = scratchPackage("@acme/hello", { "metal/index.ts": comment.replaceAll(/^\/\/ {3}/gm, "") });
  const lines: string[] = [];
  const console = { log: (...values: unknown[]): number => lines.push(values.join(" ")) };
  const write = (name: string, bytes: Uint8Array): void => writeFileSync(path(name), bytes, { mode: 0o755 });
  const run = (name: string): string => {
    const { stdout, status } = spawnSync(path(name), { encoding: "utf8" });
    return `${stdout}exit status ${status}`;
  };
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- the example is code of this repository, and running it is the test
    const example = new Function("toolchain", "console", "folder", "write", "run", `return (async () => {${code}})();`);
    await example(toolchain, console, root, write, run);
  } finally {
    remove();
  }
  expect(`${lines.join("\n")}\n`).toBe(block("text"));
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
