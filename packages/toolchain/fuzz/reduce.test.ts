import { expect, test } from "vitest";
import { reduce } from "./reduce.ts";

const text = `let a = 0;
function first() {
  while (more()) {
    a = (1 + 2);
    needle((5 + a) * 3);
  }
}
function second() {
  a = 4;
}`;

const balanced = (candidate: string): boolean => candidate.split("{").length === candidate.split("}").length;

test("leaves nothing that the failure does not need", async () => {
  const small = await reduce(text, (candidate) => Promise.resolve(balanced(candidate) && candidate.includes("needle(")));
  expect(small.split("\n")).toHaveLength(1);
  expect(small.trim()).toMatch(/^needle\(\d\);$/u);
});

test("never offers a text that does not fail as the result", async () => {
  const needs = (candidate: string): boolean => balanced(candidate) && candidate.includes("while") && candidate.includes("a = 4");
  const small = await reduce(text, (candidate) => Promise.resolve(needs(candidate)));
  expect(needs(small)).toBe(true);
  expect(small.length).toBeLessThan(text.length);
});
