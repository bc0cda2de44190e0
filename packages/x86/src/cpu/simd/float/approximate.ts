import type { Lane } from "./arithmetic.ts";
import { isNaN, type Precision, signed, unpack } from "./number.ts";

/**
 * RCPPS and RSQRTPS are approximations with a relative error of at most 1.5 * 2^-12; they raise nothing, take denormals for zeros, and flush
 * tiny results to zero (SDM 2B "RCPPS", "RSQRTPS"). Here the results are those of the exact functions, rounded to single precision.
 */
function approximate(compute: (value: number) => number): Lane {
  return (environment, p, _destination, source) => {
    const a = unpack(source, p, environment);
    if (isNaN(a)) return a.bits | p.quiet;
    const value = a.kind === "zero" || a.denormal ? (a.sign === 0 ? 0 : -0) : numberOf(a.bits);
    const result = compute(value);
    if (Number.isNaN(result)) return p.indefinite;
    if (Math.abs(result) < SMALLEST_NORMAL) return signed(p, a.sign, 0n);
    return bitsOf(result, p);
  };
}

const SMALLEST_NORMAL = 2 ** -126;
const view = new DataView(new ArrayBuffer(4));

function numberOf(bits: bigint): number {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}

function bitsOf(value: number, { sign }: Precision): bigint {
  view.setFloat32(0, value);
  return BigInt.asUintN(32, BigInt(view.getUint32(0))) & (sign | (sign - 1n));
}

export const reciprocal: Lane = approximate((value) => 1 / value);
/** The root of -0 is -0, whose reciprocal is negative. */
export const reciprocalRoot: Lane = approximate((value) => 1 / Math.sqrt(value));
