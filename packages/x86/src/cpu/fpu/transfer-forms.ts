import type { Instruction } from "@mercury/isa";
import { readFlags } from "../../state/flags.ts";
import { eflags } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import type { HostInstruction, HostTable } from "../system/host.ts";
import { double, type Real, single, toReal, toSized } from "./convert.ts";
import { toDecimal } from "./decimal.ts";
import { computing, conclude, operationOf } from "./execute.ts";
import { probeBits, readNumber, toBits, writeBits } from "./memory.ts";
import { noteDenormal, special } from "./nan.ts";
import { type Extended, indefinite, one, zero } from "./number.ts";
import { flag, type Operation } from "./operation.ts";
import { setConditions } from "./pending.ts";
import { round } from "./round.ts";
import { hasRoom, isEmpty, pop, push, read, underflows, write } from "./stack.ts";
import { status } from "./status.ts";
import { ln2, log10two, log2e, log2ten, pi } from "./transcendental/fixed.ts";
import { replaceEmpty } from "./arithmetic-forms.ts";

/** FLD, FILD and FBLD of a number in memory. Only reals of other formats than the register's can meet exceptions. */
const load = computing((core, instruction) => {
  if (!instruction.memory) {
    loadRegister(core, instruction.rm);
    return;
  }
  const value = readNumber(core, instruction);
  if (!hasRoom(core)) return;
  const operation = operationOf(core);
  const type = instruction.row.operands[0]?.type;
  const converts = type === "f32" || type === "f64";
  const result = converts ? (special(operation, value) ?? value) : value;
  if (converts) noteDenormal(operation, value);
  if (conclude(core, operation)) push(core, result);
});

function loadRegister(core: Core, i: number): void {
  if (isEmpty(core, i)) {
    if (underflows(core)) push(core, indefinite);
    return;
  }
  const value = read(core, i);
  if (!hasRoom(core)) return;
  setConditions(core, 0, status.C1);
  push(core, value);
}

/** What a store makes of ST(0) or, when that is empty, of the indefinite. */
type Convert = (operation: Operation, value: Extended) => bigint;

/** Stores ST(0) into memory. Nothing is stored when an unmasked exception forbids it. */
function storeConverted(core: Core, instruction: Instruction, convert: Convert, bytes: number, pops: boolean): void {
  const operation = operationOf(core);
  const empty = isEmpty(core, 0);
  const bits = convert(operation, empty ? indefinite : read(core, 0));
  if (empty) operation.flags = flag.invalid;
  const stores = isStored(operation);
  if (stores) writeBits(core, instruction, bits, bytes);
  else probeBits(core, instruction, bytes);
  if (empty) underflows(core);
  else conclude(core, operation);
  if (stores && pops) pop(core);
}

/** Unmasked overflow and underflow keep a result out of memory, and precision is then not told (SDM 1 8.5.4, 8.5.5). */
function isStored(operation: Operation): boolean {
  if (operation.isRefused) return false;
  if ((operation.flags & ~operation.control & (flag.overflow | flag.underflow)) === 0) return true;
  operation.flags &= ~flag.precision;
  operation.roundedUp = false;
  return false;
}

const reals: Readonly<Record<string, Real>> = { f32: single, f64: double };
const integerBits: Readonly<Record<string, number>> = { i16: 16, i32: 32, i64: 64 };

/** FSTP ST(i) in the first of its undocumented encodings. */
const UNCHECKED_COPY = 0xd9;

function store(pops: boolean): HostInstruction {
  return computing((core, instruction) => {
    if (!instruction.memory) {
      if (instruction.opcode === UNCHECKED_COPY) copyUnchecked(core, instruction.rm);
      else copyTop(core, instruction.rm, pops);
      return;
    }
    const type = instruction.row.operands[0]?.type ?? "";
    const real = reals[type];
    if (real !== undefined) storeConverted(core, instruction, (operation, value) => toReal(operation, value, real), real.bytes, pops);
    else storeConverted(core, instruction, (_, value) => toBits(value), 10, pops);
  });
}

function copyTop(core: Core, to: number, pops: boolean): void {
  if (isEmpty(core, 0)) {
    replaceEmpty(core, to, pops);
    return;
  }
  setConditions(core, 0, status.C1);
  write(core, to, read(core, 0));
  if (pops) pop(core);
}

function storeInteger(pops: boolean): HostInstruction {
  return computing((core, instruction) => {
    const bits = integerBits[instruction.row.operands[0]?.type ?? ""] ?? 32;
    storeConverted(core, instruction, (operation, value) => toSized(operation, value, bits), bits / 8, pops);
  });
}

const storeDecimal = computing((core, instruction) => storeConverted(core, instruction, toDecimal, 10, true));

/** D9 D8+i takes an empty ST(0) for nothing to copy, and no fault. */
function copyUnchecked(core: Core, to: number): void {
  setConditions(core, 0, status.C1);
  if (!isEmpty(core, 0)) write(core, to, read(core, 0));
  pop(core);
}

/** Both registers are given the indefinite when they are empty, and are then exchanged (SDM 2A "FXCH"). */
const exchange = computing((core, { rm }) => {
  if (isEmpty(core, 0) || isEmpty(core, rm)) {
    if (!underflows(core)) return;
    if (isEmpty(core, 0)) write(core, 0, indefinite);
    if (isEmpty(core, rm)) write(core, rm, indefinite);
  } else setConditions(core, 0, status.C1);
  const [top, other] = [read(core, 0), read(core, rm)];
  write(core, 0, other);
  write(core, rm, top);
});

/** Moves when some of `flags` is set, or when none is. */
function conditionalMove(flags: number, whenSet: boolean): HostInstruction {
  return computing((core, { rm }) => {
    if (isEmpty(core, 0) || isEmpty(core, rm)) {
      replaceEmpty(core, 0, false);
      return;
    }
    if (((readFlags(core.state) & flags) !== 0) === whenSet) write(core, 0, read(core, rm));
  });
}

/** Pushes a constant, rounded by rounding control alone (SDM 2A "FLD1/FLDL2T/..."); no exception is told. */
function loadConstant(value: (bits: number) => bigint): HostInstruction {
  return computing((core) => {
    if (!hasRoom(core)) return;
    setConditions(core, 0, status.C1);
    push(core, round(operationOf(core), 0, value(CONSTANT_BITS) | 1n, -CONSTANT_BITS, 64));
  });
}

const CONSTANT_BITS = 192;

function loadExact(value: Extended): HostInstruction {
  return computing((core) => {
    if (!hasRoom(core)) return;
    setConditions(core, 0, status.C1);
    push(core, value);
  });
}

export const transferForms: HostTable = {
  fld: load,
  fild: load,
  fbld: load,
  fst: store(false),
  fstp: store(true),
  fist: storeInteger(false),
  fistp: storeInteger(true),
  fbstp: storeDecimal,
  fxch: exchange,
  fcmovb: conditionalMove(eflags.CF, true),
  fcmove: conditionalMove(eflags.ZF, true),
  fcmovbe: conditionalMove(eflags.CF | eflags.ZF, true),
  fcmovu: conditionalMove(eflags.PF, true),
  fcmovnb: conditionalMove(eflags.CF, false),
  fcmovne: conditionalMove(eflags.ZF, false),
  fcmovnbe: conditionalMove(eflags.CF | eflags.ZF, false),
  fcmovnu: conditionalMove(eflags.PF, false),
  fld1: loadExact(one),
  fldz: loadExact(zero(0)),
  fldl2t: loadConstant(log2ten),
  fldl2e: loadConstant(log2e),
  fldpi: loadConstant(pi),
  fldlg2: loadConstant(log10two),
  fldln2: loadConstant(ln2),
};
