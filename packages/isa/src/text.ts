/** What the two syntaxes have in common: names, prefixes without a place in the operands, and which operands are shown. */
import type { Instruction } from "./instruction.ts";
import type { Mnemonic } from "../tables/mnemonic.ts";
import type { Operand } from "./operand.ts";
import { operandsOf, sizeOf } from "./operands.ts";
import { segmentRegisters } from "./register.ts";
import type { OperandForm, Row } from "./row.ts";

/** An operand with the form that it fills. */
export interface Shown {
  readonly form: OperandForm;
  readonly operand: Operand;
}

/** The operands that are written; those of string instructions are implied by the name. */
export function shownOperands(instruction: Instruction): readonly Shown[] {
  const operands = operandsOf(instruction);
  return instruction.row.operands.flatMap((form, at) => {
    const operand = operands[at];
    return operand === undefined || isImplied(form) ? [] : [{ form, operand }];
  });
}

function isImplied({ method }: OperandForm): boolean {
  return method === "X" || method === "Y";
}

/** The name that goes with the instruction's size. */
export function nameOf({ row, operandSize, addressSize }: Instruction): Mnemonic {
  return row.sizeNames[row.namesByAddressSize ? addressSize : operandSize] ?? row.mnemonic;
}

/** Prefixes that the operands do not show, each followed by a blank. */
export function prefixText(instruction: Instruction, bits: 16 | 32): string {
  const { row, lock, operandSize, addressSize, segmentOverride, memory, base, index } = instruction;
  const words: string[] = [];
  if (!memory && segmentOverride >= 0) words.push(segmentRegisters[segmentOverride] ?? "");
  if (operandSize !== bits && row.mandatoryPrefix !== 0x66 && (!row.usesOperandSize || isDirectBranch(row)))
    words.push(`data${operandSize}`);
  const showsAddressSize = row.namesByAddressSize || base >= 0 || index >= 0;
  if (!showsAddressSize && addressSize !== bits) words.push(`addr${addressSize}`);
  if (lock) words.push("lock");
  words.push(repeatText(instruction));
  return words
    .filter((word) => word !== "")
    .map((word) => `${word} `)
    .join("");
}

/** A branch to a constant shows no size. */
function isDirectBranch(row: Row): boolean {
  return row.operands.some(({ method }) => method === "J" || method === "A");
}

function repeatText({ row, repeat }: Instruction): string {
  const prefix = repeat === "rep" ? 0xf3 : 0xf2;
  if (repeat === "none" || prefix === row.mandatoryPrefix) return "";
  return repeat === "rep" && row.repeatable === "condition" ? "repe" : repeat;
}

/** Whether the operand size is not the usual one, and neither the name nor an operand shows it: `pushw 1`. */
export function needsSuffix({ row, operandSize }: Instruction, bits: 16 | 32): boolean {
  const shown = row.sizeNames[32] !== undefined || row.operands.some(showsSize);
  return row.usesOperandSize && !shown && operandSize !== bits;
}

/** Branch targets do not show it either, but {@link prefixText} does. */
function showsSize({ method, type }: OperandForm): boolean {
  if (method === "I") return false;
  return method === "J" || type === "v" || type === "z" || type === "p" || type === "a";
}

/** A register's name; the top of the x87 stack, where the form names it itself, is `st`. */
export function registerText({ form, operand }: Shown): string {
  if (operand.kind !== "register") throw new TypeError("not a register");
  return form.code === "ST" ? "st" : operand.register;
}

/** Hexadecimal with a sign. */
export function signedHex(value: number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** Hexadecimal, reduced to so many bits. */
export function unsignedHex(value: number, bits: number): string {
  return `0x${(bits >= 32 ? value >>> 0 : value & ((1 << bits) - 1)).toString(16)}`;
}

/** An immediate as an unsigned number of its operand's size. */
export function immediateText({ form, operand }: Shown, operandSize: 16 | 32): string {
  if (operand.kind !== "immediate") throw new TypeError("not an immediate");
  return unsignedHex(operand.value, sizeOf(form.type, operandSize) ?? operandSize);
}

/**
 * Absolute target of a relative branch; with operand size 16 it is cut to 16 bits (SDM 2A "JMP").
 * @param next address of the following instruction
 */
export function targetText({ operandSize, immediate }: Instruction, next: number): string {
  return unsignedHex(next + immediate, operandSize);
}
