import { runExample } from "@mercury/vitest/readme";
import { expect, test } from "vitest";
import * as x86 from "./index.ts";

test("the README's example prints what the README says", () => {
  const { printed, promised } = runExample(new URL("../README.md", import.meta.url), "@mercury/x86", x86);
  expect(printed).toBe(promised);
});
