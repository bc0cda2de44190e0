import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { Int, Vector } from "../../../wasm/expression.ts";
import { f32x4, f64x2, i32x4, i64x2, v128 } from "../../../wasm/simd.ts";
import * as v from "../../../wasm/vector.ts";
import type { InstructionBuilder } from "../../builder.ts";
import { mxcsr } from "../../simd/mxcsr.ts";

/**
 * Floating point by the host's own instructions, where they give what the guest's would: WebAssembly rounds to nearest, has no
 * flags, and does not say which NaN comes out (WebAssembly Core 4.3.3). Whatever may be otherwise goes the exact way.
 */

/** Lane bytes with their operations and limits. */
export interface Lanes {
  readonly size: 4 | 8;
  readonly f: typeof f32x4 | typeof f64x2;
  readonly zero: Vector;
  readonly smallest: Vector;
  readonly infinity: Vector;
  /** Products from here on have a rounding error that is a number of the format. */
  readonly exactFrom: Vector;
  /** 2^k + 1, which splits a significand in halves (Dekker 1971). */
  readonly splitter: Vector;
  readonly integerLimit: Vector;
}

function everywhere(size: 4 | 8, value: number): Vector {
  const view = new DataView(new ArrayBuffer(16));
  for (let lane = 0; lane < 16; lane += size) {
    if (size === 4) view.setFloat32(lane, value, true);
    else view.setFloat64(lane, value, true);
  }
  return v.constant([...new Uint8Array(view.buffer)]);
}

function lanesOf(size: 4 | 8, f: Lanes["f"], smallest: number, exactFrom: number, splitter: number): Lanes {
  const of = (value: number): Vector => everywhere(size, value);
  return {
    size,
    f,
    zero: v.zero,
    smallest: of(smallest),
    infinity: of(Infinity),
    exactFrom: of(exactFrom),
    splitter: of(splitter),
    integerLimit: of(2 ** 31),
  };
}

export const singles: Lanes = lanesOf(4, f32x4, 2 ** -126, 2 ** -96, 2 ** 12 + 1);
export const doubles: Lanes = lanesOf(8, f64x2, 2 ** -1022, 2 ** -960, 2 ** 27 + 1);

export const and = (a: Vector, b: Vector): Vector => v.binary(v128.and, a, b);
export const or = (a: Vector, b: Vector): Vector => v.binary(v128.or, a, b);
export const magnitude = ({ f }: Lanes, a: Vector): Vector => v.unary(f.abs, a);
export const isZero = ({ f, zero }: Lanes, a: Vector): Vector => v.binary(f.eq, a, zero);
export const isFinite = (lanes: Lanes, a: Vector): Vector => v.binary(lanes.f.lt, magnitude(lanes, a), lanes.infinity);

/** Neither denormal nor NaN. */
export const isPlain = (lanes: Lanes, a: Vector): Vector => or(v.binary(lanes.f.ge, magnitude(lanes, a), lanes.smallest), isZero(lanes, a));

/** Finite, and above the smallest normal number, to which a tiny result may have been rounded. */
export const isSafe = (lanes: Lanes, a: Vector): Vector =>
  and(v.binary(lanes.f.lt, lanes.smallest, magnitude(lanes, a)), isFinite(lanes, a));

/** Where `product` is exactly a * b: its rounding error, by Dekker's algorithm, is 0. It must be 0 or not be tiny. */
export function isExactProduct(b: InstructionBuilder, lanes: Lanes, first: Vector, second: Vector, product: Vector): Vector {
  const { f, splitter } = lanes;
  const halves = (a: Vector): readonly [Vector, Vector] => {
    const scaled = b.f.let(v.binary(f.mul, splitter, a));
    const high = b.f.let(v.binary(f.sub, scaled, v.binary(f.sub, scaled, a)));
    return [high, b.f.let(v.binary(f.sub, a, high))];
  };
  const [firstHigh, firstLow] = halves(first);
  const [secondHigh, secondLow] = halves(second);
  const top = v.binary(f.sub, v.binary(f.mul, firstHigh, secondHigh), product);
  const middle = v.binary(f.add, v.binary(f.add, top, v.binary(f.mul, firstHigh, secondLow)), v.binary(f.mul, firstLow, secondHigh));
  const error = v.binary(f.add, middle, v.binary(f.mul, firstLow, secondLow));
  const inRange = or(v.binary(f.ge, magnitude(lanes, product), lanes.exactFrom), isZero(lanes, product));
  return and(isZero(lanes, error), inRange);
}

/** Where `sum` is exactly a + b: its rounding error is 0 (Knuth, The Art of Computer Programming 2, 4.2.2 theorem B). */
export function isExactSum(b: InstructionBuilder, lanes: Lanes, first: Vector, second: Vector, sum: Vector): Vector {
  const { f } = lanes;
  const part = b.f.let(v.binary(f.sub, sum, first));
  const lost = v.binary(f.sub, first, v.binary(f.sub, sum, part));
  return isZero(lanes, v.binary(f.add, lost, v.binary(f.sub, second, part)));
}

/** Whether the first `count` lanes of a mask are all true. */
export function holds({ size }: { readonly size: 4 | 8 }, mask: Vector, count: number): Int {
  if (count * size === 16) return v.ask(size === 4 ? i32x4.allTrue : i64x2.allTrue, mask);
  const bits = (1 << count) - 1;
  return x.eq(x.and(v.ask(size === 4 ? i32x4.bitmask : i64x2.bitmask, mask), x.int(bits)), x.int(bits));
}

/**
 * To nearest, and inexact results raise nothing. Other exceptions may be unmasked, and denormals may be flushed: neither matters
 * to what is done here.
 */
export function isOrdinary(b: InstructionBuilder): Int {
  const mask = mxcsr.PE << mxcsr.maskShift;
  return x.eq(x.and(b.get(at.mxcsr), x.int(mxcsr.RC | mask)), x.int(mask));
}

/** Results may be inexact: that has been told already. */
export const isInexactKnown = (b: InstructionBuilder): Int => x.and(b.get(at.mxcsr), x.int(mxcsr.PE));
