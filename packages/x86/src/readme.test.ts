import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as x86 from "./index.ts";

/** Text of the first fenced block in a language. */
function block(markdown: string, language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(markdown) ?? [];
  if (text === undefined) throw new Error(`README.md has no ${language} block`);
  return text;
}

test("the README's example prints what the README says", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const code = block(readme, "js").replace(/^import (\{.*?\}) from "@mercury\/x86";/, "const $1 = x86;");
  const lines: string[] = [];
  const console = { log: (...values: unknown[]): number => lines.push(values.join(" ")) };
  // oxlint-disable-next-line typescript/no-implied-eval -- the example is code of this repository, and running it is the test
  new Function("x86", "console", code)(x86, console);
  expect(`${lines.join("\n")}\n`).toBe(block(readme, "text"));
});
