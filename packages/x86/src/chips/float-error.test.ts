import { expect, test } from "vitest";
import { FloatError } from "./float-error.ts";

test("an x87 error requests an interrupt; acknowledged, it is ignored until it is cleared", () => {
  let line = false;
  const chip = new FloatError((level) => (line = level));
  chip.write(0, 1, 0);
  expect([chip.report(true), line]).toEqual([false, true]);
  chip.write(0, 1, 0);
  expect([line, chip.report(true), line]).toEqual([false, true, false]);
  expect([chip.report(false), chip.report(true), line]).toEqual([false, false, true]);
});
