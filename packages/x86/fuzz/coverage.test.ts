import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { coveragePage } from "./coverage.ts";

const page = new URL("../docs/coverage.md", import.meta.url);

test("docs/coverage.md is what the tables say (UPDATE=1 writes it anew)", () => {
  const text = coveragePage();
  if (process.env["UPDATE"] === "1") writeFileSync(page, text);
  expect(readFileSync(page, "utf8")).toBe(text);
});

test("every form of the table is executed", () => {
  expect(coveragePage()).not.toMatch(/\| no \|/);
});
