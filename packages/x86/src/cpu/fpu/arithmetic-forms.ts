import type { Instruction } from "@mercury/isa";
import type { Core } from "../core.ts";
import type { HostInstruction, HostTable } from "../system/host.ts";
import { add, type Binary, divide, multiply, squareRoot, subtract } from "./arithmetic.ts";
import { roundToInteger } from "./convert.ts";
import { computing, deliver, operationOf } from "./execute.ts";
import { readNumber } from "./memory.ts";
import { noteDenormal, special } from "./nan.ts";
import { type Extended, indefinite, negate } from "./number.ts";
import type { Operation } from "./operation.ts";
import { setConditions } from "./pending.ts";
import { remainder } from "./remainder.ts";
import { scale } from "./scale.ts";
import { isEmpty, pop, read, underflows, write } from "./stack.ts";
import { status } from "./status.ts";

/** Registers of a two-operand form: the destination, and the source unless that is in memory. */
export function registersOf({ row, rm, memory }: Instruction): { readonly to: number; readonly from: number | undefined } {
  if (memory) return { to: 0, from: undefined };
  return row.operands[0]?.method === "R" ? { to: rm, from: 0 } : { to: 0, from: rm };
}

/** `operate` on destination and source. */
function form(operate: Binary, pops: boolean): HostInstruction {
  return computing((core, instruction) => {
    const { to, from } = registersOf(instruction);
    const inMemory = from === undefined ? readNumber(core, instruction) : undefined;
    if (isEmpty(core, to) || (from !== undefined && isEmpty(core, from))) {
      replaceEmpty(core, to, pops);
      return;
    }
    const source = inMemory ?? read(core, from ?? 0);
    const operation = operationOf(core);
    deliver(core, operation, to, operate(operation, read(core, to), source), pops);
  });
}

/** The masked response to an empty operand. */
export function replaceEmpty(core: Core, to: number, pops: boolean): void {
  if (!underflows(core)) return;
  write(core, to, indefinite);
  if (pops) pop(core);
}

const reversed =
  (operate: Binary): Binary =>
  (operation, a, b) =>
    operate(operation, b, a);

const operations = {
  add,
  mul: multiply,
  sub: subtract,
  subr: reversed(subtract),
  div: divide,
  divr: reversed(divide),
} as const;

function basic(): HostTable {
  const table: HostTable = {};
  // Object.keys of a literal gives its own keys and no others.
  for (const name of Object.keys(operations) as (keyof typeof operations)[]) {
    table[`f${name}`] = form(operations[name], false);
    table[`fi${name}`] = form(operations[name], false);
    table[`f${name}p`] = form(operations[name], true);
  }
  return table;
}

/** A function of ST(0). */
export type Unary = (operation: Operation, a: Extended) => Extended;

/** Replaces ST(0) by a function of it. */
export function replaceTop(core: Core, operate: Unary): void {
  if (isEmpty(core, 0)) {
    replaceEmpty(core, 0, false);
    return;
  }
  const operation = operationOf(core);
  deliver(core, operation, 0, operate(operation, read(core, 0)));
}

export const onTop = (operate: Unary): HostInstruction => computing((core) => replaceTop(core, operate));

const roundTop = onTop((operation, a) => {
  const nan = special(operation, a);
  if (nan !== undefined) return nan;
  noteDenormal(operation, a);
  return roundToInteger(operation, a);
});

const scaleTop = computing((core) => {
  if (isEmpty(core, 0) || isEmpty(core, 1)) {
    replaceEmpty(core, 0, false);
    return;
  }
  const operation = operationOf(core);
  deliver(core, operation, 0, scale(operation, read(core, 0), read(core, 1)));
});

/** C0, C3 and C1 are bits 2, 1 and 0 of the quotient (SDM 2A "FPREM"). */
function remainderForm(nearest: boolean): HostInstruction {
  return computing((core) => {
    setConditions(core, 0, status.C2);
    if (isEmpty(core, 0) || isEmpty(core, 1)) {
      replaceEmpty(core, 0, false);
      return;
    }
    const operation = operationOf(core);
    const { value, quotient, partial } = remainder(operation, read(core, 0), read(core, 1), nearest);
    deliver(core, operation, 0, value);
    if (operation.isRefused) return;
    if (quotient === undefined) {
      setConditions(core, 0, status.C1);
      return;
    }
    const bits = ((quotient & 4) !== 0 ? status.C0 : 0) | ((quotient & 2) !== 0 ? status.C3 : 0) | ((quotient & 1) !== 0 ? status.C1 : 0);
    setConditions(core, partial ? status.C2 : bits);
  });
}

export const arithmeticForms: HostTable = {
  ...basic(),
  fsqrt: onTop(squareRoot),
  frndint: roundTop,
  fscale: scaleTop,
  fprem: remainderForm(false),
  fprem1: remainderForm(true),
  fabs: onTop((_, a) => ({ ...a, sign: 0 })),
  fchs: onTop((_, a) => negate(a)),
};
