import type { Format } from "../../fpu/round.ts";
import type { Environment } from "./environment.ts";
import { mxcsr } from "../mxcsr.ts";

/** A format of SSE (SDM 1 4.2.2): an operand is a bit pattern, as a non-negative integer. */
export interface Precision {
  /** Bytes. */
  readonly size: 4 | 8;
  /** Bits of the fraction. */
  readonly fraction: number;
  readonly bias: number;
  /** Of infinities and NaNs. */
  readonly special: number;
  readonly format: Format;
  readonly infinity: bigint;
  /** Quiet bit of a NaN (SDM 1 4.8.3.4). */
  readonly quiet: bigint;
  readonly sign: bigint;
  /** QNaN floating-point indefinite (SDM 1 4.8.3.7). */
  readonly indefinite: bigint;
}

function precision(size: 4 | 8, fraction: number): Precision {
  const exponentBits = size * 8 - 1 - fraction;
  const special = (1 << exponentBits) - 1;
  const bias = special >> 1;
  const infinity = BigInt(special) << BigInt(fraction);
  const quiet = 1n << BigInt(fraction - 1);
  const sign = 1n << BigInt(size * 8 - 1);
  const format = { precision: fraction + 1, smallest: 1 - bias, largest: bias };
  return { size, fraction, bias, special, format, infinity, quiet, sign, indefinite: sign | infinity | quiet };
}

export const single: Precision = precision(4, 23);
export const double: Precision = precision(8, 52);

export type Kind = "zero" | "finite" | "infinity" | "quiet" | "signaling";

/** An operand taken apart: of finite numbers the value is magnitude * 2^scale. */
export interface Real {
  readonly kind: Kind;
  readonly sign: 0 | 1;
  readonly magnitude: bigint;
  readonly scale: number;
  readonly denormal: boolean;
  /** As it was given; with DAZ a denormal has become a zero. */
  readonly bits: bigint;
}

/** Takes an operand apart; with DAZ denormals are zeros of their sign (SDM 1 10.2.3.4). */
export function unpack(bits: bigint, p: Precision, environment: Environment): Real {
  const sign = (bits & p.sign) === 0n ? 0 : 1;
  const exponent = Number((bits >> BigInt(p.fraction)) & BigInt(p.special));
  const fraction = bits & ((1n << BigInt(p.fraction)) - 1n);
  const scale = Math.max(exponent, 1) - p.bias - p.fraction;
  if (exponent === p.special) {
    const kind = fraction === 0n ? "infinity" : (fraction & p.quiet) === 0n ? "signaling" : "quiet";
    return { kind, sign, magnitude: fraction, scale, denormal: false, bits };
  }
  if (exponent !== 0) return { kind: "finite", sign, magnitude: fraction | (1n << BigInt(p.fraction)), scale, denormal: false, bits };
  if (fraction === 0n) return { kind: "zero", sign, magnitude: 0n, scale, denormal: false, bits };
  if ((environment.control & mxcsr.DAZ) !== 0) return { kind: "zero", sign, magnitude: 0n, scale, denormal: false, bits: bits & p.sign };
  return { kind: "finite", sign, magnitude: fraction, scale, denormal: true, bits };
}

export const isNaN = ({ kind }: Real): boolean => kind === "quiet" || kind === "signaling";

export const signed = (p: Precision, sign: number, bits: bigint): bigint => (sign === 0 ? bits : bits | p.sign);
