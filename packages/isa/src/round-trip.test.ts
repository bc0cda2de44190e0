import fc from "fast-check";
import { expect, test } from "vitest";
import { instances } from "../test/instances.ts";
import { meaning } from "../test/meaning.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import type { Instruction } from "./instruction.ts";
import type { Operand } from "./operand.ts";
import { rows } from "./rows.ts";
import { nameOf, shownOperands } from "./text.ts";

/** The instruction put through the encoder, with the prefixes that its operands do not show. */
function encoded(instruction: Instruction, bits: 16 | 32, shortest: boolean): Uint8Array {
  const operands: readonly Operand[] = shownOperands(instruction).map(({ operand }) => operand);
  const override = instruction.row.operands.some(({ method }) => method === "X") || instruction.row.mnemonic === "xlat";
  const prefix = override && instruction.segmentOverride >= 0 ? [segmentPrefixes[instruction.segmentOverride] ?? 0] : [];
  const addressPrefix = impliesAddress(instruction) && instruction.addressSize !== bits ? [0x67] : [];
  return encode(nameOf(instruction), operands, {
    bits,
    operandSize: instruction.operandSize,
    shortest,
    lock: instruction.lock,
    ...(instruction.repeat === "none" || instruction.row.repeatable === "no" ? {} : { repeat: instruction.repeat }),
    ignoredPrefixes: [...prefix, ...addressPrefix],
  }).bytes;
}

const segmentPrefixes = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65];

/** String instructions, XLAT and LOOP use (E)SI, (E)DI, (E)BX and (E)CX without naming them. */
function impliesAddress({ row }: Instruction): boolean {
  return row.operands.some(({ method }) => method === "X" || method === "Y") || /^(xlat|loop)/.test(row.mnemonic);
}

test.each([
  [32, true],
  [32, false],
  [16, true],
  [16, false],
] as const)("what is decoded encodes to the same instruction: %i bits, shortest %s", (bits, shortest) => {
  const seen = new Set<number>();
  for (const { row, bytes, instruction } of instances(bits)) {
    seen.add(row.id);
    const again = encoded(instruction, bits, shortest);
    const decoded = decode(again, 0, bits);
    const what = `${row.mnemonic} ${row.opcode}: ${Buffer.from(bytes).toString("hex")} -> ${Buffer.from(again).toString("hex")}`;
    expect(decoded.ok && meaning(decoded), what).toBe(meaning(instruction));
    if (shortest && !row.alias && instruction.segmentOverride < 0) expect(again.length, what).toBeLessThanOrEqual(bytes.length);
  }
  expect(seen.size).toBe(rows.length);
});

test("XCHG of the accumulator with itself comes back as the NOP that it is", () => {
  const instruction = decode(Uint8Array.of(0x87, 0xc0), 0, 16);
  expect(instruction.ok && [...encoded(instruction, 16, true)]).toEqual([0x90]);
  const again = decode(Uint8Array.of(0x90), 0, 16);
  expect(instruction.ok && again.ok && meaning(again)).toBe(instruction.ok && meaning(instruction));
});

test("so does whatever random bytes happen to be", () => {
  const code = fc.uint8Array({ minLength: 8, maxLength: 16 });
  const property = fc.property(code, fc.constantFrom(16 as const, 32 as const), fc.boolean(), (bytes, bits, shortest) => {
    const instruction = decode(bytes, 0, bits);
    // Many prefixes leave no room for a longer form; REPNE before MOVS and its like is no choice of the encoder.
    if (!instruction.ok || instruction.length > 11) return;
    if (instruction.row.repeatable === "count" && instruction.repeat === "repne") return;
    const again = decode(encoded(instruction, bits, shortest), 0, bits);
    expect(again.ok && meaning(again)).toBe(meaning(instruction));
  });
  fc.assert(property, { numRuns: 20_000 });
});
