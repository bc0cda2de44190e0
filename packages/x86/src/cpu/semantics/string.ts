import { at, eflags, ES } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import { access } from "../imports.ts";
import { extend, segmentOffset, type InstructionBuilder, type Size } from "../builder.ts";
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
    iteration(b, step);
    const left = b.let(extend(x.sub(b.source.fixed(ECX, size, false), x.int(1)), size, false));
    b.source.setFixed(ECX, size, left);
    b.f.if(x.isZero(left), () => b.branch(false));
    if (compares) b.f.if(b.shape.repeat === "rep" ? x.isZero(b.zero()) : b.zero(), () => b.branch(false));
    spendIteration(b);
    b.f.branch(again);
  });
  b.f.unreachable();
}

/** Every iteration counts as an instruction; the block has counted the first. */
function spendIteration(b: InstructionBuilder): void {
  const budget = b.let(x.sub(b.get(at.budget), x.int(1)));
  b.f.if(x.ltS(budget, x.int(0)), () => {
    b.set(at.eip, b.source.eip());
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
