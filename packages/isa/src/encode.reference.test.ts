/** The encoder against the GNU assembler. */
import { expect, test } from "vitest";
import { accepts, assemble, haveBinutils } from "../test/binutils.ts";
import { hasWords, type Instance, instances } from "../test/instances.ts";
import { disassemble } from "./disassemble.ts";
import { encode } from "./encode.ts";
import type { Operand } from "./operand.ts";
import { nameOf, shownOperands } from "./text.ts";

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

/** Operands without a choice of displacement size, as a programmer would write them. */
function written({ instruction }: Instance): readonly Operand[] {
  return shownOperands(instruction).map(({ operand }) => {
    if (operand.kind !== "memory") return operand;
    const { displacementSize: _, ...rest } = operand;
    return rest;
  });
}

/** Without prefixes, whose order is free, and without branches, whose length the assembler chooses. */
function isComparable(one: Instance, bits: 16 | 32): boolean {
  const { row, bytes } = one;
  const first = row.mandatoryPrefix || (row.map === 1 ? 0x0f : row.opcodeByte);
  const isPlain = ((bytes[0] ?? 0) & (row.plusRegister && row.map === 0 ? 0xf8 : 0xff)) === first;
  // 66 may stand before 66.
  if (row.mandatoryPrefix !== 0 && row.map === 1 && bytes[1] !== 0x0f) return false;
  return isPlain && hasWords(one, bits, "att") && !row.operands.some(({ method }) => method === "J");
}

test.runIf(haveBinutils()).each([32, 16] as const)("the shortest form is the assembler's, %i bits", (bits) => {
  const all = [...instances(bits)].filter((one) => isComparable(one, bits));
  const theirs = assemble(
    all.map(({ bytes }) => disassemble(bytes, 0, bits, 0, "att").text),
    bits,
    "att",
  );
  const wrong = all.flatMap((one, at) => {
    const ours = encode(nameOf(one.instruction), written(one), { bits, operandSize: one.instruction.operandSize }).bytes;
    const text = disassemble(one.bytes, 0, bits, 0, "intel").text;
    return hex(ours) === hex(theirs[at]) ? [] : [`${text}: ${hex(ours)}, the assembler ${hex(theirs[at])}`];
  });
  expect(all.length).toBeGreaterThan(2000);
  expect(wrong.slice(0, 40)).toEqual([]);
});

test.runIf(haveBinutils())("LOCK is for the forms that the assembler lets it stand before", () => {
  const all = [...instances(32)].filter((one) => isComparable(one, 32) && one.row.hasModrm && !one.row.alias);
  const accepted = accepts(
    all.map(({ bytes }) => `lock ${disassemble(bytes, 0, 32, 0, "att").text}`),
    32,
    "att",
  );
  const wrong = all.flatMap(({ row, bytes, instruction }, at) => {
    const ours = row.lockable && instruction.memory;
    return ours === accepted[at] ? [] : [`${disassemble(bytes, 0, 32, 0, "intel").text}: ${ours}, the assembler ${accepted[at]}`];
  });
  expect(wrong.slice(0, 40)).toEqual([]);
});
