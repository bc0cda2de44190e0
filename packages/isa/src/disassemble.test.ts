import { expect, test } from "vitest";
import { assemble, haveBinutils } from "../test/binutils.ts";
import { hasWords, type Instance, instances } from "../test/instances.ts";
import { meaning } from "../test/meaning.ts";
import { decode } from "./decode.ts";
import { disassemble } from "./disassemble.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Branch targets relative to the line, which stands anywhere; names of the assembler for what the SDM calls otherwise. */
function forAssembler({ row, instruction }: Instance, text: string): string {
  if (!row.operands.some(({ method }) => method === "J")) return text;
  const target = instruction.immediate + instruction.length;
  return text.replace(/0x[0-9a-f]+$/, `.${target < 0 ? "" : "+"}${target}`);
}

test.runIf(haveBinutils()).each([
  [32, "intel"],
  [32, "att"],
  [16, "intel"],
  [16, "att"],
] as const)("the assembler understands every text as the same instruction: %i bits, %s", (bits, syntax) => {
  const all = [...instances(bits)].filter((one) => hasWords(one, bits, syntax));
  const lines = all.map((one) => forAssembler(one, disassemble(one.bytes, 0, bits, 0, syntax).text));
  const assembled = assemble(lines, bits, syntax);
  expect(assembled.length).toBe(all.length);
  const wrong: string[] = [];
  for (const [at, { instruction, bytes }] of all.entries()) {
    const theirs = decode(assembled[at] ?? new Uint8Array(), 0, bits);
    const same = theirs.ok && meaning(theirs) === meaning(instruction);
    if (!same)
      wrong.push(
        `${hex(bytes)} "${lines[at]}" ${hex(assembled[at] ?? new Uint8Array())}: ${theirs.ok ? meaning(theirs) : theirs.reason}, not ${meaning(instruction)}`,
      );
  }
  expect(wrong.slice(0, 40)).toEqual([]);
});
