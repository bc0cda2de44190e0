import { expect, test } from "vitest";
import { assemble, haveBinutils } from "../test/binutils.ts";
import { type Instance, instances } from "../test/instances.ts";
import { meaning } from "../test/meaning.ts";
import { decode } from "./decode.ts";
import { disassemble, type Syntax } from "./disassemble.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Branch targets relative to the line, which stands anywhere; names of the assembler for what the SDM calls otherwise. */
function forAssembler({ row, instruction }: Instance, text: string): string {
  if (!row.operands.some(({ method }) => method === "J")) return text;
  const target = instruction.immediate + instruction.length;
  return text.replace(/0x[0-9a-f]+$/, `.${target < 0 ? "" : "+"}${target}`);
}

/**
 * What the assembler has no words for: x87 as escapes, SALC, BSWAP of a word, MOVZX and MOVSX from word to word,
 * branches to a constant with prefixes (it measures the target from behind them, or drops them). Its Intel syntax
 * also takes `dword ptr` of a branch in 16-bit code for a far pointer.
 */
function hasWords({ row, instruction, bytes }: Instance, bits: 16 | 32, syntax: Syntax): boolean {
  if (row.mnemonic === "esc" || row.mnemonic === "salc") return false;
  const methods = row.operands.map(({ method }) => method);
  const wordOnly = row.mnemonic === "bswap" || (/^mov[zs]x$/.test(row.mnemonic) && row.operands[1]?.type === "w");
  if (wordOnly && instruction.operandSize === 16) return false;
  if (methods.includes("J") || methods.includes("A")) return bytes[0] === row.opcodeByte || bytes[0] === 0x0f;
  if (syntax === "att" || !instruction.memory || !/^(jmp|call)/.test(row.mnemonic)) return true;
  return instruction.operandSize === bits && (row.flow !== "far" || bits === 32);
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
