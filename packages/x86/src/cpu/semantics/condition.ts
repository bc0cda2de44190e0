import { rows } from "@mercury/isa";
import { at } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import type { InstructionBuilder } from "../builder.ts";
import type { SemanticsTable } from "./semantics.ts";

/** SF xor OF in the sign bit. */
const less = (b: InstructionBuilder): Int => x.xor(b.get(at.resultHigh), b.get(at.overflow));
const negative = (value: Int): Int => x.shrU(value, x.int(31));

/** PF: even parity of bytes 0, 4 and 5 of the result (state/flags.ts). */
function parity(b: InstructionBuilder): Int {
  const high = b.let(b.get(at.resultHigh));
  const byte = x.xor(x.xor(b.get(at.result), high), x.shrU(high, x.int(8)));
  return x.isZero(x.and(x.populationCount(x.and(byte, x.int(0xff))), x.int(1)));
}

/** Condition `number` of the encoding as 0 or 1 (SDM 1 table B-1); odd numbers negate. */
export function condition(b: InstructionBuilder, number: number): Int {
  const positive = positiveCondition(b, number >> 1);
  return (number & 1) === 0 ? positive : x.isZero(positive);
}

function positiveCondition(b: InstructionBuilder, pair: number): Int {
  switch (pair) {
    case 0:
      return negative(b.get(at.overflow));
    case 1:
      return b.get(at.carry);
    case 2:
      return b.zero();
    case 3:
      return x.or(b.get(at.carry), b.zero());
    case 4:
      return negative(b.get(at.resultHigh));
    case 5:
      return parity(b);
    case 6:
      return negative(less(b));
    default:
      return x.or(b.zero(), negative(less(b)));
  }
}

function jump(b: InstructionBuilder, number: number): void {
  b.f.if(condition(b, number), () => b.branch(true));
  b.branch(false);
}

/** The source is read, and faults, whether or not the condition holds (SDM 2A "CMOVcc"). */
function move(b: InstructionBuilder, number: number): void {
  const value = b.signed(1);
  b.write(0, x.select(condition(b, number), value, b.signed(0)));
}

/** The condition is the low four opcode bits of every form that has one. */
function perCondition(): SemanticsTable {
  const table: SemanticsTable = {};
  for (const { manual, mnemonic, opcodeByte } of rows) {
    const number = opcodeByte & 15;
    if (manual === "Jcc" && mnemonic !== "jecxz") table[mnemonic] = (b): void => jump(b, number);
    if (manual === "CMOVcc") table[mnemonic] = (b): void => move(b, number);
    if (manual === "SETcc") table[mnemonic] = (b): void => b.write(0, condition(b, number));
  }
  return table;
}

export const conditional: SemanticsTable = perCondition();
