import { at, eflags, ES } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import { access } from "../imports.ts";
import { segmentOffset, type InstructionBuilder } from "../builder.ts";
import { extend } from "../memory-values.ts";
import type { Size } from "../shape.ts";
import { compare } from "./arithmetic.ts";
import type { SemanticsTable } from "./semantics.ts";

const EAX = 0;
const ECX = 1;
const ESI = 6;
const EDI = 7;

/** One iteration; registers change only after the last access that may fault. */
type Iteration = (b: InstructionBuilder, step: Int) => void;

/** Size of the elements: that of the first operand. */
const elementSize = (b: InstructionBuilder): Size => b.size;

function source(b: InstructionBuilder, need: 1 | 2): Int {
  const offset = b.let(b.source.fixed(ESI, b.shape.addressSize, false));
  return b.shape.flatStrings ? offset : b.segmented(b.source.segment(), offset, elementSize(b), need, 0);
}

function destination(b: InstructionBuilder, need: 1 | 2): Int {
  const offset = b.let(b.source.fixed(EDI, b.shape.addressSize, false));
  if (b.shape.flatStrings) return offset;
  const cache = x.add(b.source.cpu, x.int(segmentOffset(ES)));
  return b.segmented(cache, offset, elementSize(b), need, access.destination);
}

const sourceAccess = (b: InstructionBuilder): number => (b.shape.flatStrings ? access.flat : 0);
const destinationAccess = (b: InstructionBuilder): number => sourceAccess(b) | access.destination;

function advance(b: InstructionBuilder, register: number, step: Int): void {
  const size = b.shape.addressSize;
  b.source.setFixed(register, size, x.add(b.source.fixed(register, size, false), step));
}

const move: Iteration = (b, step) => {
  const size = elementSize(b);
  const value = b.load(source(b, 1), size, false, sourceAccess(b));
  b.store(destination(b, 2), size, value, destinationAccess(b));
  advance(b, ESI, step);
  advance(b, EDI, step);
};

const store: Iteration = (b, step) => {
  const size = elementSize(b);
  b.store(destination(b, 2), size, b.source.fixed(EAX, size, false), destinationAccess(b));
  advance(b, EDI, step);
};

const load: Iteration = (b, step) => {
  const size = elementSize(b);
  b.source.setFixed(EAX, size, b.load(source(b, 1), size, false, sourceAccess(b)));
  advance(b, ESI, step);
};

const compareStrings: Iteration = (b, step) => {
  const size = elementSize(b);
  const left = b.load(source(b, 1), size, true, sourceAccess(b));
  const right = b.load(destination(b, 1), size, true, destinationAccess(b));
  compare(b, left, right);
  advance(b, ESI, step);
  advance(b, EDI, step);
};

const scan: Iteration = (b, step) => {
  const size = elementSize(b);
  const right = b.load(destination(b, 1), size, true, destinationAccess(b));
  compare(b, b.let(b.source.fixed(EAX, size, true)), right);
  advance(b, EDI, step);
};

/** Size of an element, negative when DF is set. */
function stepOf(b: InstructionBuilder): Int {
  const size = elementSize(b);
  const backwards = x.and(b.get(at.eflags), x.int(eflags.DF));
  return b.let(x.select(backwards, x.int(-size), x.int(size)));
}

/** Iterations that stay in the page of `offset`, going forward. */
const roomInPage = (b: InstructionBuilder, offset: Int): Int =>
  x.shrU(x.sub(x.int(0x1000), x.and(offset, x.int(0xfff))), x.int(elementSize(b) >> 1));

const lesser = (b: InstructionBuilder, left: Int, right: Int): Int => b.let(x.select(x.ltU(left, right), left, right));

/** Accounts for `count` iterations, of which the first has been counted. */
function finishIterations(b: InstructionBuilder, count: Int, bytes: Int, registers: readonly number[]): void {
  b.set(at.budget, x.sub(b.get(at.budget), x.sub(count, x.int(1))));
  for (const register of registers) b.source.setFixed(register, 4, x.add(b.source.fixed(register, 4, false), bytes));
  b.source.setFixed(ECX, 4, x.sub(b.source.fixed(ECX, 4, false), count));
}

/**
 * As many iterations of REP MOVS or REP STOS at once as stay in their pages, in the budget and in (E)CX; none unless the TLB
 * knows the pages, DF is clear and doing them at once gives what doing them one by one gives.
 */
function manyAtOnce(b: InstructionBuilder, step: Int, moves: boolean, done: () => void): void {
  const size = elementSize(b);
  const to = b.let(b.source.fixed(EDI, 4, false));
  const from = b.let(b.source.fixed(moves ? ESI : EAX, 4, false));
  const affordable = b.let(x.add(b.get(at.budget), x.int(1)));
  let count = lesser(b, b.let(b.source.fixed(ECX, 4, false)), affordable);
  count = lesser(b, count, b.let(roomInPage(b, to)));
  if (moves) count = lesser(b, count, b.let(roomInPage(b, from)));
  const bytes = b.let(x.mul(count, x.int(size)));
  const target = b.pageAccess(to, true);
  const origin = b.pageAccess(from, false);
  const uniform = size === 1 ? x.int(1) : x.eq(repeatedByte(b, from), extend(from, size, false));
  const possible = x.and(x.and(x.gtS(step, x.int(0)), x.gtU(count, x.int(1))), x.and(target.hit, moves ? origin.hit : uniform));
  b.f.if(possible, () => {
    const host = b.let(target.host);
    if (!moves) {
      b.f.fillMemory(host, from, bytes);
      finishIterations(b, count, bytes, [EDI]);
      done();
      return;
    }
    const source = b.let(origin.host);
    // A target that begins inside the source repeats it when moved element by element.
    b.f.if(x.geU(x.sub(host, source), bytes), () => {
      b.f.copyMemory(host, source, bytes);
      finishIterations(b, count, bytes, [ESI, EDI]);
      done();
    });
  });
}

/** The low byte in every byte of an element. */
function repeatedByte(b: InstructionBuilder, value: Int): Int {
  return x.mul(x.and(value, x.int(0xff)), x.int(elementSize(b) === 4 ? 0x01010101 : 0x0101));
}

/** A string instruction; `compares`: REPE and REPNE end on ZF as well (SDM 2B "REP/REPE/REPNE"). */
function string(b: InstructionBuilder, iteration: Iteration, compares: boolean): void {
  const step = stepOf(b);
  if (b.shape.repeat === "none") {
    iteration(b, step);
    return;
  }
  const size = b.shape.addressSize;
  b.f.if(x.isZero(b.source.fixed(ECX, size, false)), () => b.branch(false));
  b.f.loop((again) => {
    const goOn = (): void => {
      b.f.if(x.isZero(b.source.fixed(ECX, size, false)), () => b.branch(false));
      spendIteration(b);
      b.f.branch(again);
    };
    if (b.shape.flatStrings && size === 4 && (iteration === move || iteration === store)) manyAtOnce(b, step, iteration === move, goOn);
    iteration(b, step);
    b.source.setFixed(ECX, size, x.sub(b.source.fixed(ECX, size, false), x.int(1)));
    if (compares) b.f.if(b.shape.repeat === "rep" ? x.isZero(b.zero()) : b.zero(), () => b.branch(false));
    goOn();
  });
  b.f.unreachable();
}

/** Every iteration counts as an instruction; the block has counted the first. */
function spendIteration(b: InstructionBuilder): void {
  const budget = b.let(x.sub(b.get(at.budget), x.int(1)));
  b.f.if(x.ltS(budget, x.int(0)), () => {
    b.set(at.eip, b.source.eip());
    b.set(at.iterating, x.int(1));
    b.flow.leave();
  });
  b.set(at.budget, budget);
}

export const strings: SemanticsTable = {
  movsb: (b) => string(b, move, false),
  movsd: (b) => string(b, move, false),
  stosb: (b) => string(b, store, false),
  stosd: (b) => string(b, store, false),
  lodsb: (b) => string(b, load, false),
  lodsd: (b) => string(b, load, false),
  cmpsb: (b) => string(b, compareStrings, true),
  cmpsd: (b) => string(b, compareStrings, true),
  scasb: (b) => string(b, scan, true),
  scasd: (b) => string(b, scan, true),
};
