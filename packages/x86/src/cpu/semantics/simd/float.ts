import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { Int, Vector } from "../../../wasm/expression.ts";
import type { Label } from "../../../wasm/function.ts";
import { i32x4, v128 } from "../../../wasm/simd.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import { type FloatOperation, floatNumbers, floatOperations } from "../../simd/float/operations.ts";
import type { Semantics, SemanticsTable } from "../semantics.ts";
import { quickConversions } from "./convert.ts";
import { enterMmx, MMX_EXPONENT, read, requireVectors, write, writeLow } from "./operands.ts";
import * as q from "./quick.ts";

/** Destination and source, both as vectors. */
export interface Operands {
  readonly a: Vector;
  readonly b: Vector;
  readonly lanes: q.Lanes;
  readonly operation: FloatOperation;
}

/** Does an instruction by the host's instructions and goes to `done`, or falls through having changed nothing. */
export type Quick = (builder: InstructionBuilder, operands: Operands, done: Label) => void;

/** Writes the lanes of a result, and is done. */
export function finish(builder: InstructionBuilder, { operation }: Operands, result: Vector, done: Label): void {
  const bytes = operation.lanes * operation.to;
  if (bytes === 16 || operation.into === "whole") write(builder, 0, result);
  else writeLow(builder, 0, bytes === 8 ? 8 : 4, result);
  builder.f.branch(done);
}

/** Valid lanes, and an inexact result is not news. */
function rounded(compute: (o: Operands, builder: InstructionBuilder) => Result): Quick {
  return (builder, o, done) => {
    const { lanes, operation } = o;
    builder.f.if(q.isOrdinary(builder), () => {
      const { value, valid, exact } = compute(o, builder);
      builder.f.if(q.holds(lanes, valid, operation.lanes), () => {
        builder.f.if(q.isInexactKnown(builder), () => finish(builder, o, value, done));
        builder.f.if(q.holds(lanes, exact(), operation.lanes), () => finish(builder, o, value, done));
      });
    });
  };
}

interface Result {
  readonly value: Vector;
  /** Lanes without an exception other than an inexact result. */
  readonly valid: Vector;
  /** Lanes with an exact result, given that they are valid. */
  readonly exact: () => Vector;
}

const bothPlain = ({ lanes, a, b }: Operands): Vector => q.and(q.isPlain(lanes, a), q.isPlain(lanes, b));

function sum(o: Operands, builder: InstructionBuilder): Result {
  const value = builder.f.let(v.binary(o.lanes.f.add, o.a, o.b));
  // A sum that is denormal is exact, but may have to be flushed.
  const valid = q.and(bothPlain(o), q.or(q.isSafe(o.lanes, value), q.isZero(o.lanes, value)));
  return { value, valid, exact: () => q.isExactSum(builder, o.lanes, o.a, o.b, value) };
}

function difference(o: Operands, builder: InstructionBuilder): Result {
  return sum({ ...o, b: builder.f.let(v.unary(o.lanes.f.neg, o.b)) }, builder);
}

/** A product is 0 without underflow only when a factor is. */
function product(o: Operands, builder: InstructionBuilder): Result {
  const { lanes, a, b } = o;
  const value = builder.f.let(v.binary(lanes.f.mul, a, b));
  const zero = q.and(q.isZero(lanes, value), q.or(q.isZero(lanes, a), q.isZero(lanes, b)));
  const valid = q.and(bothPlain(o), q.or(q.isSafe(lanes, value), zero));
  return { value, valid, exact: () => q.isExactProduct(builder, lanes, a, b, value) };
}

/** Exact if the quotient times the divisor is, and gives the dividend. */
function quotient(o: Operands, builder: InstructionBuilder): Result {
  const { lanes, a, b } = o;
  const value = builder.f.let(v.binary(lanes.f.div, a, b));
  const zero = q.and(q.isZero(lanes, value), q.isZero(lanes, a));
  const valid = q.and(bothPlain(o), q.or(q.isSafe(lanes, value), zero));
  return { value, valid, exact: () => gives(builder, lanes, value, b, a) };
}

function root(o: Operands, builder: InstructionBuilder): Result {
  const { lanes, b } = o;
  const value = builder.f.let(v.unary(lanes.f.sqrt, b));
  const valid = q.and(q.isPlain(lanes, b), q.isFinite(lanes, value));
  return { value, valid, exact: () => gives(builder, lanes, value, value, b) };
}

/** Whether a product is exact, and this number. */
function gives(builder: InstructionBuilder, lanes: q.Lanes, first: Vector, second: Vector, wanted: Vector): Vector {
  const back = builder.f.let(v.binary(lanes.f.mul, first, second));
  return q.and(q.isExactProduct(builder, lanes, first, second, back), v.binary(lanes.f.eq, back, wanted));
}

/** Between numbers that are neither NaN nor denormal nothing can happen but the comparison. */
function compared(decide: (o: Operands, builder: InstructionBuilder, done: Label) => void): Quick {
  return (builder, o, done) => {
    builder.f.if(q.holds(o.lanes, bothPlain(o), o.operation.lanes), () => decide(o, builder, done));
  };
}

/** pmin(x, y) is y if y < x, else x: MINPS takes the source unless the destination is less. */
const least = compared((o, builder, done) => finish(builder, o, v.binary(o.lanes.f.pmin, o.b, o.a), done));
const greatest = compared((o, builder, done) => finish(builder, o, v.binary(o.lanes.f.pmax, o.b, o.a), done));

/** Predicates 0 to 3 are equal, less, either, unordered; 4 to 7 their opposites (SDM 2A table 3-1). */
const predicate = compared((o, builder, done) => {
  const { f } = o.lanes;
  const constant = builder.let(x.and(builder.source.immediate(), x.int(7)));
  const kind = builder.let(x.and(constant, x.int(3)));
  const all = (condition: Int): Vector => v.splat(i32x4.splat, x.sub(x.int(0), condition));
  const equal = q.and(v.binary(f.eq, o.a, o.b), all(x.isZero(x.and(kind, x.int(1)))));
  const less = q.and(v.binary(f.lt, o.a, o.b), all(x.ltU(x.sub(kind, x.int(1)), x.int(2))));
  const opposite = all(x.shrU(constant, x.int(2)));
  finish(builder, o, v.binary(v128.xor, q.or(equal, less), opposite), done);
});

/** ZF and CF as after COMISS; the packing is that of state/flags.ts. PF is 0, as OF, SF and AF always are. */
const intoFlags = compared(({ lanes, a, b }, builder, done) => {
  const lane = (mask: Vector): Int => x.and(v.extractInt(mask, 0), x.int(1));
  const equal = builder.let(lane(v.binary(lanes.f.eq, a, b)));
  builder.setCarry(lane(v.binary(lanes.f.lt, a, b)));
  builder.set(at.result, x.xor(equal, x.int(1)));
  builder.set(at.resultHigh, equal);
  builder.set(at.overflow, x.int(0));
  builder.set(at.auxiliary, x.int(0));
  builder.f.branch(done);
});

const families: readonly (readonly [pattern: RegExp, quick: Quick])[] = [
  [/^add/, rounded(sum)],
  [/^sub/, rounded(difference)],
  [/^mul/, rounded(product)],
  [/^div/, rounded(quotient)],
  [/^sqrt/, rounded(root)],
  [/^min/, least],
  [/^max/, greatest],
  [/^cmp/, predicate],
  [/comis/, intoFlags],
  ...quickConversions,
];

/** The quick way if there is one, else the exact way on the host. */
function floating(name: string, number: number): Semantics {
  const operation = floatOperations[number];
  const quick = families.find(([pattern]) => pattern.test(name))?.[1];
  if (operation === undefined) throw new RangeError(`${name} has no operation`);
  return (b) => {
    requireVectors(b);
    const source = read(b, 1);
    b.f.block((done) => {
      if (quick !== undefined) {
        const a = b.shape.kinds[0] === "xmm" ? read(b, 0) : v.zero;
        quick(b, { a, b: source, lanes: operation.precision.size === 4 ? q.singles : q.doubles, operation }, done);
      }
      exact(b, number, source);
    });
  };
}

function exact(b: InstructionBuilder, number: number, source: Vector): void {
  b.f.storeVector(b.source.cpu, at.wide, source);
  // An exception comes too late to keep the x87 unit as it was.
  enterMmx(b);
  b.run("float", [b.source.record, x.int(number)]);
  if (b.shape.kinds[0] === "mmx") b.f.storeInt(b.source.slot(0), 8, x.int(MMX_EXPONENT));
}

export const floats: SemanticsTable = Object.fromEntries([...floatNumbers].map(([name, number]) => [name, floating(name, number)]));
