import { at } from "../../state/layout.ts";
import * as x from "../../wasm/expression.ts";
import type { Int } from "../../wasm/expression.ts";
import type { InstructionBuilder } from "../builder.ts";
import { extend } from "../memory-values.ts";
import type { SemanticsTable } from "./semantics.ts";

/** Carry out of the sign bit of a + b (+ carry in) = r. */
const carryOfSum = (a: Int, b: Int, r: Int): Int => x.shrU(x.or(x.and(a, b), x.and(x.or(a, b), x.not(r))), x.int(31));
/** Borrow out of the sign bit of a - b (- borrow in) = r. */
const borrow = (a: Int, b: Int, r: Int): Int => x.shrU(x.or(x.and(x.not(a), b), x.and(x.or(x.not(a), b), r)), x.int(31));

/** OF, AF, SF, ZF and PF of a sum r = a + b, with whatever carried in. */
function setSumFlags(b: InstructionBuilder, left: Int, right: Int, r: Int): void {
  b.set(at.overflow, x.and(x.xor(left, r), x.xor(right, r)));
  b.set(at.auxiliary, x.xor(x.xor(left, right), r));
  b.setResult(r);
}

/** The same of a difference r = a - b. */
function setDifferenceFlags(b: InstructionBuilder, left: Int, right: Int, r: Int): void {
  b.set(at.overflow, x.and(x.xor(left, right), x.xor(left, r)));
  b.set(at.auxiliary, x.xor(x.xor(left, right), r));
  b.setResult(r);
}

/** Flags of AND, OR, XOR and TEST: CF and OF 0; AF, undefined by the manual, is 0 as on P6 and later. */
export function setLogicFlags(b: InstructionBuilder, r: Int): void {
  b.setCarry(x.int(0));
  b.set(at.overflow, x.int(0));
  b.set(at.auxiliary, x.int(0));
  b.setResult(r);
}

/** Flags of a comparison of two sign-extended values. */
export function compare(b: InstructionBuilder, left: Int, right: Int): void {
  const r = b.let(extend(x.sub(left, right), b.size, true));
  b.setCarry(x.ltU(left, right));
  setDifferenceFlags(b, left, right, r);
}

/** op 0 becomes op 0 + op 1 (+ CF). */
function addition(b: InstructionBuilder, withCarry: boolean): void {
  const right = b.signed(1);
  const carry = withCarry ? b.let(b.get(at.carry)) : x.int(0);
  let left = right;
  let r = right;
  b.modify(0, (value) => {
    left = value;
    r = b.let(extend(x.add(x.add(value, right), carry), b.size, true));
    return r;
  });
  b.setCarry(withCarry ? carryOfSum(left, right, r) : x.ltU(r, right));
  setSumFlags(b, left, right, r);
}

function subtraction(b: InstructionBuilder, withCarry: boolean): void {
  const right = b.signed(1);
  const carry = withCarry ? b.let(b.get(at.carry)) : x.int(0);
  let left = right;
  let r = right;
  b.modify(0, (value) => {
    left = value;
    r = b.let(extend(x.sub(x.sub(value, right), carry), b.size, true));
    return r;
  });
  b.setCarry(withCarry ? borrow(left, right, r) : x.ltU(left, right));
  setDifferenceFlags(b, left, right, r);
}

/** INC and DEC: CF stays. */
function step(b: InstructionBuilder, by: 1 | -1): void {
  let left: Int = x.int(0);
  let r: Int = x.int(0);
  b.modify(0, (value) => {
    left = value;
    r = b.let(extend(x.add(value, x.int(by)), b.size, true));
    return r;
  });
  if (by === 1) setSumFlags(b, left, x.int(1), r);
  else setDifferenceFlags(b, left, x.int(1), r);
}

function logic(b: InstructionBuilder, operation: (left: Int, right: Int) => Int): void {
  const right = b.signed(1);
  let r = right;
  b.modify(0, (value) => {
    r = b.let(operation(value, right));
    return r;
  });
  setLogicFlags(b, r);
}

function negate(b: InstructionBuilder): void {
  let right: Int = x.int(0);
  let r: Int = x.int(0);
  b.modify(0, (value) => {
    right = value;
    r = b.let(extend(x.sub(x.int(0), value), b.size, true));
    return r;
  });
  b.setCarry(x.ne(right, x.int(0)));
  setDifferenceFlags(b, x.int(0), right, r);
}

/** The destination is written whether or not the comparison holds (SDM 2A "CMPXCHG"). */
function compareAndExchange(b: InstructionBuilder): void {
  const replacement = b.signed(1);
  const accumulator = b.let(b.source.fixed(0, b.size, true));
  let old = replacement;
  b.modify(0, (value) => {
    old = value;
    return x.select(x.eq(accumulator, value), replacement, value);
  });
  compare(b, accumulator, old);
  b.f.if(x.ne(accumulator, old), () => b.source.setFixed(0, b.size, old));
}

function exchangeAndAdd(b: InstructionBuilder): void {
  const right = b.signed(1);
  let left = right;
  let r = right;
  const sum = (value: Int): Int => {
    left = value;
    r = b.let(extend(x.add(value, right), b.size, true));
    // With one register as both operands the sum wins; memory may still fault, so there the register comes after.
    if (!b.isMemory(0)) b.source.setRegister(1, b.size, left);
    return r;
  };
  b.modify(0, sum);
  if (b.isMemory(0)) b.source.setRegister(1, b.size, left);
  b.setCarry(x.ltU(r, right));
  setSumFlags(b, left, right, r);
}

export const arithmetic: SemanticsTable = {
  add: (b) => addition(b, false),
  adc: (b) => addition(b, true),
  sub: (b) => subtraction(b, false),
  sbb: (b) => subtraction(b, true),
  cmp: (b) => {
    const right = b.signed(1);
    compare(b, b.signed(0), right);
  },
  and: (b) => logic(b, x.and),
  or: (b) => logic(b, x.or),
  xor: (b) => logic(b, x.xor),
  test: (b) => {
    const right = b.signed(1);
    setLogicFlags(b, b.let(x.and(b.signed(0), right)));
  },
  not: (b) => b.modify(0, (value) => b.let(x.not(value))),
  neg: negate,
  inc: (b) => step(b, 1),
  dec: (b) => step(b, -1),
  cmpxchg: compareAndExchange,
  xadd: exchangeAndAdd,
};
