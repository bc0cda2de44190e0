import { isX87, rows, type Row } from "@mercury/isa";
import { transcendental } from "./generate-x87.ts";
import { CODE_BYTES, EXTENDED, image, WINDOW, type Case, type Outcome } from "./layout.ts";
import type { Random } from "./random.ts";
import { randomRegister } from "./reals.ts";

/** Instructions whose results need not be the same bits everywhere. */
export const transcendentalRows: readonly Row[] = rows.filter((row) => isX87(row) && transcendental.has(row.mnemonic));

const BIAS = 16383;
const SIGN: bigint = 1n << 79n;

/** A normal number with an exponent of `from` to `to` - 1. */
function normal(random: Random, from: number, to: number): bigint {
  const significand = (BigInt(random.next() >>> 0) << 32n) | BigInt(random.next() >>> 0) | (1n << 63n);
  const fewBits = random.chance(4) ? (significand >> 48n) << 48n : significand;
  return (random.chance(2) ? SIGN : 0n) | (BigInt(BIAS + from + random.below(to - from)) << 64n) | fewBits;
}

/** An operand in the instruction's range, where the manual promises a result (SDM 1 8.3.9, SDM 2A). */
function operand(mnemonic: string, random: Random): bigint {
  if (mnemonic === "f2xm1") return normal(random, -70, 0);
  if (mnemonic === "fyl2xp1") return normal(random, -70, -2);
  if (mnemonic === "fyl2x") return (random.chance(2) ? normal(random, -3, 3) : normal(random, -16000, 16000)) & ~SIGN;
  if (mnemonic === "fpatan") return random.chance(2) ? normal(random, -5, 5) : normal(random, -60, 60);
  return random.chance(2) ? normal(random, -5, 6) : normal(random, -70, 64);
}

/** Zeros, infinities, NaNs and what else has a result of its own; where ranges matter, denormals and what is in range. */
function edge(mnemonic: string, random: Random): bigint {
  const bits = randomRegister(random, 0n);
  const exponent = Number((bits >> 64n) & 0x7fffn);
  const isLimited = mnemonic === "f2xm1" || mnemonic === "fyl2xp1";
  return isLimited && exponent >= BIAS - 2 && exponent < 0x7fff ? operand(mnemonic, random) : bits;
}

const usesTwo = (mnemonic: string): boolean => mnemonic.startsWith("fy") || mnemonic === "fpatan";

/** One instruction; all exceptions masked, 64 bits of precision, any rounding. */
export function transcendentalCase(row: Row, random: Random): Case {
  const extended = new Uint8Array(EXTENDED);
  const view = new DataView(extended.buffer);
  const value = random.chance(3) ? edge : operand;
  view.setUint32(image.mxcsr, 0x1f80, true);
  view.setUint16(image.control, 0x37f | (random.below(4) << 10), true);
  // ST(0) and ST(1) are R0 and R1, and R7 is empty for what is pushed.
  view.setUint8(image.tags, usesTwo(row.mnemonic) ? 3 : 1);
  const put = (i: number, bits: bigint): void => {
    view.setBigUint64(image.registers + i * 16, BigInt.asUintN(64, bits), true);
    view.setUint16(image.registers + i * 16 + 8, Number(bits >> 64n), true);
  };
  put(0, value(row.mnemonic, random));
  if (usesTwo(row.mnemonic)) put(1, row.mnemonic === "fpatan" || random.chance(3) ? value("fpatan", random) : normal(random, -5, 5));
  const code = new Uint8Array(CODE_BYTES).fill(0xcc);
  code.set([row.opcodeByte, 0xc0 | (row.digit << 3) | row.rm]);
  return {
    registers: [0, 0, 0, 0, 0, 0, 0, 0],
    eflags: 0x202,
    codeOffset: 0,
    code,
    window: new Uint8Array(WINDOW),
    extended,
    undefinedFlags: 0,
    mnemonics: [row.mnemonic],
  };
}

/** ST(i) as an integer whose neighbours are one ulp away. */
function registerOf({ extended }: Outcome, i: number): bigint {
  const view = new DataView(extended.buffer, extended.byteOffset);
  const top = BigInt(view.getUint16(image.registers + i * 16 + 8, true));
  // The integer bit follows from the exponent.
  return (top << 63n) + BigInt.asUintN(63, view.getBigUint64(image.registers + i * 16, true));
}

/** How far two outcomes are apart: the ulps of the result that differs most, or what differs that must not. C1 goes with the last bit. */
export function distance(ours: Outcome, host: Outcome): bigint | string {
  const word = ({ extended }: Outcome, at: number): number => (extended[at] ?? 0) | ((extended[at + 1] ?? 0) << 8);
  const C1 = 0x200;
  if (ours.trap !== host.trap) return `trap ${ours.trap}, host ${host.trap}`;
  if (word(ours, image.tags) !== word(host, image.tags)) return "tags";
  const status = word(ours, image.status) ^ word(host, image.status);
  if ((status & ~C1) !== 0) return `status ${word(ours, image.status).toString(16)}, host ${word(host, image.status).toString(16)}`;
  const ulps = Array.from({ length: 8 }, (_, i) => registerOf(ours, i) - registerOf(host, i)).map((d) => (d < 0n ? -d : d));
  return ulps.reduce((a, b) => (a > b ? a : b));
}
