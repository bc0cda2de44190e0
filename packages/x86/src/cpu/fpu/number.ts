/**
 * A number of the double extended-precision format (SDM 1 4.2.2, 8.2): sign, exponent with a bias of 16383, and 64 bits
 * of significand whose integer bit is explicit.
 */
export interface Extended {
  /** 0 or 1. */
  readonly sign: number;
  /** 0 to 0x7fff, biased. */
  readonly exponent: number;
  /** Unsigned, 64 bits. */
  readonly significand: bigint;
  /** It was read from a single or double that is denormal there, which is an operand's exception all the same. */
  readonly denormal?: true;
}

export const BIAS = 16383;
/** Exponent of infinities and NaNs. */
export const SPECIAL = 0x7fff;
export const INTEGER_BIT: bigint = 1n << 63n;
/** Of a NaN: set when it is quiet (SDM 1 4.8.3.4). */
export const QUIET_BIT: bigint = 1n << 62n;

export const extended = (sign: number, exponent: number, significand: bigint): Extended => ({ sign, exponent, significand });

export const zero = (sign: number): Extended => extended(sign, 0, 0n);
export const infinity = (sign: number): Extended => extended(sign, SPECIAL, INTEGER_BIT);
export const one: Extended = extended(0, BIAS, INTEGER_BIT);
/** The QNaN floating-point indefinite: what a masked invalid operation gives (SDM 1 4.8.3.7). */
export const indefinite: Extended = extended(1, SPECIAL, INTEGER_BIT | QUIET_BIT);

/** Classes of SDM 1 4.8.3; `denormal` has the pseudo-denormals with it, `unsupported` is SDM 1 table 8-3. */
export type Kind = "zero" | "denormal" | "normal" | "infinity" | "quiet" | "signaling" | "unsupported";

export function kindOf({ exponent, significand, denormal }: Extended): Kind {
  if (denormal === true) return "denormal";
  if (exponent === 0) return significand === 0n ? "zero" : "denormal";
  if ((significand & INTEGER_BIT) === 0n) return "unsupported";
  if (exponent !== SPECIAL) return "normal";
  if (significand === INTEGER_BIT) return "infinity";
  return (significand & QUIET_BIT) === 0n ? "signaling" : "quiet";
}

export const isNaN = (value: Extended): boolean => {
  const kind = kindOf(value);
  return kind === "quiet" || kind === "signaling";
};

/** Power of two that one unit of the significand stands for; denormals have the exponent of the smallest normals. */
export const scaleOf = ({ exponent }: Extended): number => Math.max(exponent, 1) - BIAS - 63;

export const negate = (value: Extended): Extended => ({ ...value, sign: value.sign ^ 1 });

/** Bits up to the highest one that is set; 0 of 0. */
export function bitLength(value: bigint): number {
  if (value === 0n) return 0;
  const digits = value.toString(16);
  return digits.length * 4 - (Math.clz32(Number.parseInt(digits.charAt(0), 16)) - 28);
}
