import { coprocessor } from "../tables/x87.ts";
import { integer } from "../tables/integer.ts";
import { simdFloat } from "../tables/simd/float.ts";
import { simdInteger } from "../tables/simd/integer.ts";
import { simdState } from "../tables/simd/state.ts";
import { system } from "../tables/system.ts";
import type { Form } from "./form.ts";
import { isRegisterOnly } from "./method.ts";
import { type Opcode, parseFlags, parseOpcode, parseOperand } from "./notation.ts";
import type { Feature, OperandForm, Row } from "./row.ts";

/** Registers that exist, by operand code: ES to GS; CR0, CR2, CR3 and CR4 (SDM 3A 2.5). */
const existing: Readonly<Record<string, number>> = { S: 0b0011_1111, C: 0b0001_1101 };

/** The rows of all tables. A row's `id` is its position. */
export const rows: readonly Row[] = [...integer, ...system, ...coprocessor, ...simdInteger, ...simdFloat, ...simdState].map(row);

/** Whether a form is an instruction of the x87 unit with operands or effects there: opcodes D8 to DF. */
export function isX87({ map, opcodeByte }: Row): boolean {
  return map === 0 && opcodeByte >> 3 === 0x1b;
}

const vectorFeatures: ReadonlySet<Feature> = new Set<Feature>(["mmx", "fxsr", "sse", "sse2", "clflush"]);

/** Whether a form belongs to MMX, SSE or SSE2, or came with them. */
export function isVector({ feature }: Row): boolean {
  return vectorFeatures.has(feature);
}

function row(form: Form, id: number): Row {
  const a = form.attributes;
  const opcode = parseOpcode(form.opcode);
  const operands = form.operands === "" ? [] : form.operands.split(",").map(parseOperand);
  return {
    id,
    mnemonic: form.mnemonic,
    sizeNames: a.names ?? {},
    namesByAddressSize: a.namesByAddressSize ?? false,
    opcode: form.opcode,
    operands,
    map: opcode.map,
    opcodeByte: opcode.byte,
    plusRegister: opcode.plusRegister,
    mandatoryPrefix: opcode.mandatoryPrefix,
    noPrefix: opcode.noPrefix,
    hasModrm: opcode.hasModrm,
    digit: opcode.digit,
    rm: opcode.rm,
    regMask: regMask(opcode, operands, a.absentRegisters ?? []),
    modrmForm: a.registerOnly === true ? "register" : modrmForm(opcode, operands),
    modIgnored: a.modIgnored ?? false,
    usesOperandSize: a.sized ?? (hasSizedOperand(operands) || (a.names !== undefined && a.namesByAddressSize !== true)),
    commutes: a.commutes ?? false,
    anyWidth: a.anyWidth ?? false,
    unaligned: a.unaligned ?? false,
    lockable: a.lock ?? false,
    repeatable: a.repeat ?? "no",
    privilege: a.privilege ?? "any",
    vm86Iopl: a.vm86Iopl ?? false,
    protectedOnly: a.protectedOnly ?? false,
    sensitivity: a.sensitivity,
    flow: a.flow ?? "next",
    feature: a.feature ?? "8086",
    undocumented: a.undocumented ?? false,
    alias: a.alias ?? false,
    flagsRead: parseFlags(a.reads ?? ""),
    flagsWritten: parseFlags(a.writes ?? ""),
    flagsUndefined: parseFlags(a.undefines ?? ""),
    flagsMayStay: a.mayStay ?? false,
    manual: form.manual,
  };
}

function hasSizedOperand(operands: readonly OperandForm[]): boolean {
  return operands.some(
    ({ type }) => type === "v" || type === "z" || type === "bs" || type === "p" || type === "a" || type === "env" || type === "state",
  );
}

function modrmForm(opcode: Opcode, operands: readonly OperandForm[]): Row["modrmForm"] {
  if (opcode.rm >= 0) return "register";
  if (operands.some(({ method }) => method === "M")) return "memory";
  return operands.some(({ method }) => isRegisterOnly(method)) ? "register" : "any";
}

function regMask(opcode: Opcode, operands: readonly OperandForm[], absent: readonly number[]): number {
  if (opcode.digit >= 0) return 1 << opcode.digit;
  const all = operands.reduce((mask, { method }) => mask & (existing[method] ?? 0xff), 0xff);
  return absent.reduce((mask, number) => mask & ~(1 << number), all);
}
