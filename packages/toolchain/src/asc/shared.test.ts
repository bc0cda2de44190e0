import { afterEach, describe, expect, test } from "vitest";
import { type ScratchPackage, scratchPackage } from "../testing/scratch.ts";
import { compileMetal } from "./compile.ts";
import { MetalBuildError } from "./errors.ts";
import type { InterruptRule } from "./shared.ts";

const made: ScratchPackage[] = [];
afterEach(() => made.splice(0).forEach((scratch) => scratch.remove()));

const header = `import { disableInterrupts, enableInterrupts, saveFlags, restoreFlags } from "mercury:vo";
import { Shared } from "@mercury/toolchain/metal";
let ticks: u32 = 0;
export function tick(): void { ticks++; }
`;

/** Lines of the header come first: the program's own line 1 is 1 here. */
async function lines(program: string, rule: Partial<InterruptRule> = {}): Promise<number[]> {
  const scratch = scratchPackage("@acme/shared", { "metal/index.ts": header + program });
  made.push(scratch);
  try {
    await compileMetal({
      roots: [scratch.root],
      entries: ["@acme/shared/metal"],
      bindings: { "mercury:vo": { kind: "import" } },
      memoryBase: 0,
      optimise: 1,
      interrupts: { handlers: ["tick"], masked: [], ...rule },
    });
    return [];
  } catch (error) {
    if (!(error instanceof MetalBuildError)) throw error;
    if (error.diagnostics.some(({ message }) => !message.includes('ticks" is'))) throw error;
    return error.diagnostics.map(({ line }) => line - header.split("\n").length + 1);
  }
}

describe("a variable that an interrupt handler writes", () => {
  test.each<[string, string, number[]]>([
    ["read with interrupts on", "export function f(): u32 {\n  return ticks;\n}", [2]],
    ["written with interrupts on", "export function f(): void {\n  ticks = 0;\n}", [2]],
    ["read in a loop's condition", "export function f(): void {\n  while (ticks < 5) {}\n}", [2]],
    ["read by a function that is called", "function g(): u32 {\n  return ticks;\n}\nexport function f(): u32 { return g(); }", [2]],
    [
      "read after interrupts came back on",
      "export function f(): u32 {\n  disableInterrupts();\n  enableInterrupts();\n  return ticks;\n}",
      [4],
    ],
    [
      "read where only one branch turned them off",
      "export function f(a: bool): u32 {\n  if (a) disableInterrupts();\n  return ticks;\n}",
      [3],
    ],
    [
      "read in a loop that turns them on",
      "export function f(): u32 {\n  let n: u32 = 0;\n  disableInterrupts();\n  while (n < 9) {\n    n += ticks;\n    enableInterrupts();\n  }\n  return n;\n}",
      [5],
    ],
    [
      "read after a callee turned them on",
      "function on(): void { enableInterrupts(); }\nexport function f(): u32 {\n  disableInterrupts();\n  on();\n  return ticks;\n}",
      [5],
    ],
    [
      "read through the function table",
      "function g(): u32 {\n  return ticks;\n}\nexport function f(i: u32): u32 { return call_indirect<u32>(i); }\nexport function h(): u32 { return g.index; }",
      [2],
    ],
  ])("is refused when %s", async (_, program, expected) => {
    expect(await lines(program)).toEqual(expected);
  });

  test.each<[string, string]>([
    [
      "with interrupts off",
      "export function f(): u32 {\n  disableInterrupts();\n  const now = ticks;\n  enableInterrupts();\n  return now;\n}",
    ],
    [
      "with interrupts saved and off",
      "export function f(): u32 {\n  const flags = saveFlags();\n  disableInterrupts();\n  const now = ticks;\n  restoreFlags(flags);\n  return now;\n}",
    ],
    [
      "by a callee under a caller that turned them off",
      "function g(): u32 { return ticks; }\nexport function f(): u32 { disableInterrupts(); return g(); }",
    ],
    ["after a callee turned them off", "function off(): void { disableInterrupts(); }\nexport function f(): u32 { off(); return ticks; }"],
    ["by the handler's own callees", "function g(): u32 { return ticks; }\nexport function other(): void {}"],
    ["nowhere else", "let own: u32 = 0;\nexport function f(): u32 { own++; return own; }"],
  ])("is accepted when used %s", async (_, program) => {
    expect(await lines(program)).toEqual([]);
  });

  test("is accepted in an export that is entered with interrupts off", async () => {
    const program = "export function f(): u32 { return ticks; }";
    expect(await lines(program, { masked: ["f"] })).toEqual([]);
  });

  test("is accepted as Shared<T>", async () => {
    const program =
      "const cell = changetype<Shared<u32>>(memory.data(4));\nexport function handler(): void { cell.value += 1; }\nexport function f(): u32 { return cell.value; }";
    expect(await lines(program, { handlers: ["handler"] })).toEqual([]);
  });
});

test("a variable that a handler only reads is refused where interruptible code writes it, not where it reads it", async () => {
  const program =
    "let limit: u32 = 0;\nexport function late(): bool { return limit == 1; }\nexport function f(): u32 {\n  return limit;\n}\n";
  expect(await lines(program, { handlers: ["late"] })).toEqual([]);
});

test("a handler that does not exist is named", async () => {
  await expect(lines("", { handlers: ["nobody"] })).rejects.toThrow('there is no function "nobody"');
});
