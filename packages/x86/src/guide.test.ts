import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const home = fileURLToPath(new URL("..", import.meta.url));
const guide = readFileSync(new URL("../docs/guide.md", import.meta.url), "utf8");

/** A fenced block: its language, what stands behind that, and its lines. */
interface Block {
  readonly language: string;
  readonly note: string;
  readonly text: string;
}
const blocks: readonly Block[] = [...guide.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)].map(([, language = "", note = "", text = ""]) => ({
  language,
  note,
  text,
}));

/** Programs with what they print, by the heading of their section. */
const programs = blocks.flatMap((block, index) => {
  const printed = blocks[index + 1];
  if (block.language !== "js" || block.note !== "") return [];
  const [heading = ""] =
    guide
      .slice(0, guide.indexOf(block.text))
      .match(/^## .*$/gm)
      ?.slice(-1) ?? [];
  return [{ heading, program: block.text, printed: printed?.language === "text" ? printed.text : "" }];
});

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mercury-guide-"));
  mkdirSync(join(folder, "node_modules", "@mercury"), { recursive: true });
  symlinkSync(home, join(folder, "node_modules", "@mercury", "x86"));
  for (const { note, text } of blocks) {
    const [, name] = /^file=(.+)$/.exec(note) ?? [];
    if (name !== undefined) writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the guide has programs", () => {
  expect(programs.length).toBeGreaterThan(5);
});

test.each(programs)("$heading", ({ program, printed }) => {
  const file = join(folder, "program.mjs");
  writeFileSync(file, program);
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: 60_000 });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toBe(printed);
});
