import { at } from "../../state/layout.ts";
import type { Core } from "../core.ts";

/**
 * Memory type range registers (SDM 3A 11.11). There are no caches whose behaviour they could change: they hold what software writes,
 * and refuse what real ones refuse.
 */
const MTRR_CAP = 0xfe;
const MTRR_DEF_TYPE = 0x2ff;
const FIRST_VARIABLE = 0x200;
const VARIABLE_COUNT = 8;
/** Eight pairs, fixed ranges (bit 8), write combining (bit 10). */
const CAPABILITIES = 0x508n;
/** 64 KB, two of 16 KB, eight of 4 KB (SDM 3A table 11-9). */
const fixedRanges: readonly number[] = [0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f];
/** Default type with E and FE (bits 11 and 10). */
const DEF_TYPE_BITS = 0xcffn;
const BASE_BITS = 0xf_ffff_f0ffn;
const MASK_BITS = 0xf_ffff_f800n;

/** Uncacheable, write-combining, write-through, write-protected, write-back (SDM 3A table 11-8). */
const isType = (type: bigint): boolean => [0n, 1n, 4n, 5n, 6n].includes(type);

const isVariable = (number: number): boolean => number >= FIRST_VARIABLE && number < FIRST_VARIABLE + 2 * VARIABLE_COUNT;

export const isMtrr = (number: number): boolean =>
  number === MTRR_CAP || number === MTRR_DEF_TYPE || isVariable(number) || fixedRanges.includes(number);

function offsetOf(number: number): number {
  if (number === MTRR_DEF_TYPE) return at.mtrrDefault;
  if (isVariable(number)) return at.mtrrVariable + (number - FIRST_VARIABLE) * 8;
  return at.mtrrFixed + fixedRanges.indexOf(number) * 8;
}

export function readMtrr({ state }: Core, number: number): bigint {
  return number === MTRR_CAP ? CAPABILITIES : BigInt.asUintN(64, state.long(offsetOf(number)));
}

function holds(number: number, value: bigint): boolean {
  if (number === MTRR_CAP) return false;
  if (number === MTRR_DEF_TYPE) return (value & ~DEF_TYPE_BITS) === 0n && isType(value & 0xffn);
  if (isVariable(number)) return (number & 1) === 0 ? (value & ~BASE_BITS) === 0n && isType(value & 0xffn) : (value & ~MASK_BITS) === 0n;
  return [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].every((index) => isType((value >> (index * 8n)) & 0xffn));
}

/** Whether the register can hold the value; then it does. */
export function writeMtrr({ state }: Core, number: number, value: bigint): boolean {
  if (!holds(number, value)) return false;
  state.setLong(offsetOf(number), BigInt.asIntN(64, value));
  return true;
}

/** Fixed ranges of 640 KB of RAM and of 128 KB of firmware; what lies between belongs to adapters. */
const cached: readonly number[] = [0x250, 0x258, 0x26c, 0x26d, 0x26e, 0x26f];
const WRITE_BACK_EIGHT_TIMES = 0x0606060606060606n;

/** What a PC's firmware leaves: everything write-back but adapters below 1 MB and devices in the upper 2 GB. */
export function setFirmwareMtrrs({ state }: Core): void {
  state.setLong(at.mtrrDefault, 0xc06n);
  for (const [index, number] of fixedRanges.entries())
    state.setLong(at.mtrrFixed + index * 8, cached.includes(number) ? WRITE_BACK_EIGHT_TIMES : 0n);
  state.setLong(at.mtrrVariable, 0x8000_0000n);
  state.setLong(at.mtrrVariable + 8, 0xf_8000_0800n);
}
