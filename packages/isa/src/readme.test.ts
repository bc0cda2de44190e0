import { runExample } from "@mercury/vitest/readme";
import { expect, test } from "vitest";
import * as isa from "./index.ts";

test("the README's example prints what the README says", () => {
  const { printed, promised } = runExample(new URL("../README.md", import.meta.url), "@mercury/isa", isa);
  expect(printed).toBe(promised);
});
