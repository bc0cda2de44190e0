import type { OperandType } from "@mercury/isa";
import type { Random } from "./random.ts";

/** Random numbers that are likely to be where something happens: at the edges of formats, and near each other. */

function long(random: Random): bigint {
  return (BigInt(random.next() >>> 0) << 32n) | BigInt(random.next() >>> 0);
}

/** 64 bits: anything, a few ones, ones and zeros around a border of some precision. */
function pattern(random: Random): bigint {
  const kind = random.below(6);
  if (kind === 0) return long(random);
  if (kind === 1) return 0n;
  if (kind === 2) return (1n << BigInt(random.below(64))) | (1n << BigInt(random.below(64)));
  const border = BigInt(random.pick([40, 39, 41, 11, 10, 12, random.below(64)]));
  if (kind === 3) return (-1n << border) & 0xffff_ffff_ffff_ffffn;
  if (kind === 4) return ((long(random) >> border) << border) | (1n << (border === 0n ? 0n : border - 1n));
  return (long(random) >> border) << border;
}

const BIAS = 16383;

function exponent(random: Random): number {
  const kind = random.below(12);
  if (kind < 4) return BIAS + random.below(9) - 4;
  if (kind < 6) return BIAS + random.below(160) - 80;
  if (kind === 6) return random.below(70);
  if (kind === 7) return 0x7ffe - random.below(70);
  if (kind === 8)
    return BIAS + random.pick([-1074, -1023, -1022, -149, -127, -126, 127, 128, 1023, 1024, 31, 63, 64, 15]) + random.below(5) - 2;
  if (kind === 9) return 0;
  if (kind === 10) return 0x7fff;
  return random.next() & 0x7fff;
}

const INTEGER_BIT = 1n << 63n;

/** 80 bits of a register; sometimes near `other`. */
export function randomRegister(random: Random, other: bigint): bigint {
  const sign = random.chance(2) ? 1n << 79n : 0n;
  if (random.chance(5)) return sign | ((other ^ (random.chance(2) ? 0n : BigInt(random.below(16)))) & ~(1n << 79n));
  const top = exponent(random);
  const normal = top === 0 ? random.chance(4) : !random.chance(16);
  const significand = normal ? pattern(random) | INTEGER_BIT : pattern(random) & ~INTEGER_BIT;
  return sign | (BigInt(top) << 64n) | significand;
}

function real(random: Random, exponentBits: number, fractionBits: number): bigint {
  const top = (1 << exponentBits) - 1;
  const bias = top >> 1;
  const exponents = [0, 1, 2, bias, bias + 1, bias - 1, bias + random.below(20) - 10, top - 1, top, random.below(top)] as const;
  const field = BigInt(random.pick(exponents)) << BigInt(fractionBits);
  const fraction = pattern(random) >> BigInt(64 - fractionBits);
  return (BigInt(random.below(2)) << BigInt(exponentBits + fractionBits)) | field | fraction;
}

function decimal(random: Random): bigint {
  let digits = 0n;
  const count = random.below(19);
  for (let digit = 0; digit < count; digit++) digits = (digits << 4n) | BigInt(random.chance(40) ? random.below(16) : random.below(10));
  return digits | (random.chance(2) ? 1n << 79n : 0n) | (random.chance(8) ? BigInt(random.below(128)) << 72n : 0n);
}

function integer(random: Random, bits: number): bigint {
  const value = random.chance(2) ? long(random) : BigInt(random.below(64) - 32);
  return BigInt.asUintN(bits, random.chance(4) ? 1n << BigInt(bits - 1) : value);
}

/** The bits of an operand in memory. */
export function randomBits(type: OperandType, random: Random): bigint {
  if (type === "f32") return real(random, 8, 23);
  if (type === "f64") return real(random, 11, 52);
  if (type === "f80") return randomRegister(random, 0n);
  if (type === "bcd") return decimal(random);
  if (type === "i16") return integer(random, 16);
  if (type === "i32") return integer(random, 32);
  if (type === "i64") return integer(random, 64);
  return long(random);
}
