import { at, eflags, statusFlags } from "./layout.ts";
import type { StateBlock } from "./memory.ts";

/**
 * Status flags are kept as by-products of the last instruction that set them, so that setting them is a few stores and
 * reading one is one or two operations, with no table of cases:
 *
 *     CF  at.carry, 0 or 1
 *     ZF  the low word of at.result is 0
 *     SF  bit 63 of at.result
 *     PF  even parity of bytes 0, 4 and 5 of at.result together
 *     OF  sign of at.overflow
 *     AF  bit 4 of at.auxiliary
 *
 * Arithmetic stores its result, sign-extended to 64 bits: bytes 4 and 5 are then equal and cancel out. An image
 * loaded by POPF may hold combinations that no result has (ZF and SF both set, say); the bytes above the low word allow
 * every one of them.
 */
export function packFlags(flags: number): { low: number; high: number } {
  const zero = (flags & eflags.ZF) !== 0;
  const sign = (flags & eflags.SF) !== 0;
  const parity = (flags & eflags.PF) !== 0;
  const low = zero ? 0 : 1;
  // The low byte has `low` bits set: odd parity unless byte 4 adds one more.
  const lowIsEven = zero;
  const extra = parity === lowIsEven ? 0 : 1;
  return { low, high: (sign ? 1 << 31 : 0) | extra };
}

/** Sets all six status flags from an EFLAGS image; the other bits of the image are ignored. */
export function setStatusFlags(state: StateBlock, image: number): void {
  const { low, high } = packFlags(image);
  state.set(at.carry, image & 1);
  state.set(at.result, low);
  state.set(at.resultHigh, high);
  state.set(at.overflow, (image & eflags.OF) !== 0 ? 1 << 31 : 0);
  state.set(at.auxiliary, image & eflags.AF);
}

function evenParity(value: number): boolean {
  let bits = value & 0xff;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) === 0;
}

/** EFLAGS as software sees it. */
export function readFlags(state: StateBlock): number {
  const low = state.get(at.result);
  const high = state.get(at.resultHigh);
  let image = state.get(at.eflags) | eflags.fixed | (state.get(at.carry) & 1);
  if (low === 0) image |= eflags.ZF;
  if (high < 0) image |= eflags.SF;
  if (evenParity(low ^ high ^ (high >> 8))) image |= eflags.PF;
  if (state.get(at.overflow) < 0) image |= eflags.OF;
  return image | (state.get(at.auxiliary) & eflags.AF);
}

/** Sets every flag from an image. Which bits an instruction may change is the caller's business. */
export function writeFlags(state: StateBlock, image: number): void {
  setStatusFlags(state, image);
  // Bits 3, 5, 15 and 22-31 are reserved and read 0 (SDM 1 3.4.3).
  state.set(at.eflags, image & ~statusFlags & 0x3f7fd5);
}
