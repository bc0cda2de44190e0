import type { Vector } from "../../../wasm/expression.ts";
import { f32x4, f64x2, i32x4 } from "../../../wasm/simd.ts";
import * as x from "../../../wasm/expression.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import { finish, type Operands, type Quick } from "./float.ts";
import * as q from "./quick.ts";

/** Doublewords are doubles exactly. */
const integersToDoubles: Quick = (builder, o, done) => finish(builder, o, v.unary(f64x2.convertLowI32, o.b), done);

/** Integers up to this are singles exactly. */
const EXACT_INTEGERS = [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1];

const integersToSingles: Quick = (builder, o, done) => {
  const small = v.binary(i32x4.ltU, v.unary(i32x4.abs, o.b), v.constant(EXACT_INTEGERS));
  builder.f.if(q.isOrdinary(builder), () => {
    const fine = x.or(q.isInexactKnown(builder), q.holds(q.singles, small, o.operation.lanes));
    builder.f.if(fine, () => finish(builder, o, v.unary(f32x4.convertI32, o.b), done));
  });
};

/** Everything but NaNs and denormals is exact. */
const widened: Quick = (builder, o, done) => {
  const plain = q.holds(q.singles, q.isPlain(q.singles, o.b), o.operation.lanes);
  builder.f.if(plain, () => finish(builder, o, v.unary(f64x2.promoteLow, o.b), done));
};

const narrowed: Quick = (builder, o, done) => {
  builder.f.if(q.isOrdinary(builder), () => {
    const value = builder.f.let(v.unary(f32x4.demote, o.b));
    // The results as doubles again, so that lanes have one size.
    const back = builder.f.let(v.unary(f64x2.promoteLow, value));
    const safe = q.and(v.binary(f64x2.lt, SMALLEST_SINGLE, q.magnitude(q.doubles, back)), q.isFinite(q.doubles, back));
    const valid = q.or(safe, q.isZero(q.doubles, o.b));
    settle(builder, o, valid, v.binary(f64x2.eq, back, o.b), value, done);
  });
};

const smallest = new Uint8Array(Float64Array.of(2 ** -126, 2 ** -126).buffer);
const SMALLEST_SINGLE: Vector = v.constant([...smallest]);

/** Valid lanes that are exact or need not be. */
function settle(builder: InstructionBuilder, o: Operands, valid: Vector, exact: Vector, value: Vector, done: Parameters<Quick>[2]): void {
  const source = { size: o.operation.from };
  builder.f.if(q.holds(source, valid, o.operation.lanes), () => {
    const fine = x.or(q.isInexactKnown(builder), q.holds(source, exact, o.operation.lanes));
    builder.f.if(fine, () => finishInteger(builder, o, value, done));
  });
}

/** Results may go to a general register. */
function finishInteger(builder: InstructionBuilder, o: Operands, value: Vector, done: Parameters<Quick>[2]): void {
  if (o.operation.into !== "general") {
    finish(builder, o, value, done);
    return;
  }
  builder.source.setRegister(0, 4, v.extractInt(value, 0));
  builder.f.branch(done);
}

/** To integers whose magnitude is less than 2^31, to nearest or truncated. */
const integers =
  (truncates: boolean): Quick =>
  (builder, o, done) => {
    // MMX registers are left to the exact way.
    if (o.operation.into === "mmx") return;
    const { lanes } = o;
    builder.f.if(q.isOrdinary(builder), () => {
      const whole = truncates ? o.b : builder.f.let(v.unary(lanes.f.nearest, o.b));
      const value = builder.f.let(v.unary(lanes.size === 4 ? i32x4.truncSatF32 : i32x4.truncSatF64Zero, whole));
      const valid = v.binary(lanes.f.lt, q.magnitude(lanes, whole), lanes.integerLimit);
      const back = lanes.size === 4 ? v.unary(f32x4.convertI32, value) : v.unary(f64x2.convertLowI32, value);
      settle(builder, o, valid, v.binary(lanes.f.eq, back, o.b), value, done);
    });
  };

export const quickConversions: readonly (readonly [pattern: RegExp, quick: Quick])[] = [
  [/^cvt(dq|si)2(pd|sd)$/, integersToDoubles],
  [/^cvt(dq|si)2(ps|ss)$/, integersToSingles],
  [/^cvt(ps2pd|ss2sd)$/, widened],
  [/^cvt(pd2ps|sd2ss)$/, narrowed],
  [/^cvtt/, integers(true)],
  [/^cvt(ps2dq|pd2dq|ss2si|sd2si)$/, integers(false)],
];
