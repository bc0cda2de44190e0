import { afterAll, describe, expect, it } from "vitest";
import { campaign } from "./campaign.ts";
import { comparedRows } from "./generate.ts";
import { NativeRunner } from "./run-native.ts";

const native = NativeRunner.create();
// In CI a missing compiler is a failure, elsewhere the test is skipped in sight.
const required = process.env["CI"] === "true";
const only = new RegExp(process.env["FUZZ_ONLY"] ?? "");
const rows = comparedRows.filter(({ mnemonic }) => only.test(mnemonic));
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const count = Number(process.env["FUZZ_COUNT"] ?? 5_000);

describe.skipIf(native === undefined && !required)("user-mode instructions against the host processor", () => {
  afterAll(() => native?.close());

  it.each([1, 4])(`agrees on sequences of at most %i instructions, seed ${seed}`, (longest) => {
    if (native === undefined) throw new Error("gcc -m32 is missing, or its output does not run here");
    const found = campaign(native, seed + longest, count, longest, rows);
    expect(found.slice(0, 25).join("\n")).toBe("");
    expect(found).toHaveLength(0);
  });
});
