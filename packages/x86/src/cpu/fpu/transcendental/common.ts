import { bitLength, type Extended, scaleOf } from "../number.ts";
import type { Operation } from "../operation.ts";
import { round } from "../round.ts";

/** Precision control does not concern the transcendental instructions (SDM 1 8.1.5.2). */
const PRECISION = 64;

/** The result of a fixed-point value that is known not to be exact: its low bit stands for the rest. */
export function inexact(operation: Operation, value: bigint, bits: number): Extended {
  const sign = value < 0n ? 1 : 0;
  return round(operation, sign, (sign === 0 ? value : -value) | 1n, -bits, PRECISION);
}

export const exact = (operation: Operation, sign: number, magnitude: bigint, scale: number): Extended =>
  round(operation, sign, magnitude, scale, PRECISION);

/** Bits below a register value that stand for a correction too small for any of them. */
const BELOW = 130n;

/** The result for a value that differs from the exact one by less than its last bit: towards zero or away from it. */
export function nearly(operation: Operation, value: Extended, away: boolean): Extended {
  const magnitude = (value.significand << BELOW) + (away ? 1n : -1n);
  return round(operation, value.sign, magnitude, scaleOf(value) - Number(BELOW), PRECISION);
}

/** Exponent of the highest bit. */
export const exponentOf = (value: Extended): number => scaleOf(value) + bitLength(value.significand) - 1;

/** A finite register value as fixed point; exact if `bits` reach down to its last place. */
export function toFixed(value: Extended, bits: number): bigint {
  const shift = scaleOf(value) + bits;
  const magnitude = shift >= 0 ? value.significand << BigInt(shift) : value.significand >> BigInt(-shift);
  return value.sign === 0 ? magnitude : -magnitude;
}

/** Whether a register value is exactly 1. */
export const isOne = (value: Extended): boolean => value.exponent === 16383 && value.significand === 1n << 63n;
