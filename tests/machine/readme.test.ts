import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mercury } from "./mercury.ts";

/** The session of the repository's README, without its indentation. */
function session(): string {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, text = ""] = /^## A session\n[^]*?((?:^ {4}.*\n)+)/m.exec(readme) ?? [];
  return text.replaceAll(/^ {4}/gm, "");
}

/** Text without prompts and echoes of what was typed, which come when they like, and with every number as N: those are of one moment. */
function said(text: string, typed: readonly string[]): readonly string[] {
  const lines = text
    .replaceAll("\r", "")
    .replaceAll(/^(# )+/gm, "")
    .split("\n");
  return lines.filter((line) => line !== "" && !typed.includes(line)).map((line) => line.replaceAll(/\d+/g, "N"));
}

test("the session of the README is what the system says", async () => {
  const shown = session();
  const typed = [...shown.matchAll(/^# (.*)$/gm)].map(([, line = ""]) => line);
  expect(typed).toContain("echo virtual > /proc/mercury/mode");
  const { code, stdout } = await mercury(["boot", "--icount", "--timeout", "1200"], { input: typed.map((line) => `${line}\n`).join("") });
  expect(said(stdout, typed)).toEqual(said(shown, typed));
  expect(code).toBe(0);
});
