import { divideWide } from "./intrinsics";

/**
 * 64-bit division on a 32-bit machine. The back end calls these for i64.div and i64.rem; the results are those of WebAssembly
 * (Core Specification 2.0, section 4.3.2), whose cases without a result raise #DE or #UD here.
 */

/** High and low half of the quotient: schoolbook division in base 2^32 when the divisor has one digit. */
// @ts-ignore: decorator
@inline function divideByWord(dividend: u64, divisor: u32): u64 {
  const high = <u32>(dividend >>> 32);
  // A wide division wants its high half below the divisor: the high digit is divided first, its remainder carried down.
  const first = divideWide(0, high, divisor);
  const second = divideWide(<u32>(first >>> 32), <u32>dividend, divisor);
  return (first << 32) | (second & 0xffff_ffff);
}

export function divideUnsigned64(dividend: u64, divisor: u64): u64 {
  if (<u32>(divisor >>> 32) == 0) return divideByWord(dividend, <u32>divisor);
  if (dividend < divisor) return 0;
  // Both shifted so that the divisor's top bit is in its high word: that digit alone then gives the quotient, or one more (Knuth 4.3.1, theorem B).
  const shift = clz<u32>(<u32>(divisor >>> 32));
  const digit = <u32>((divisor << shift) >>> 32);
  const halved = dividend >>> 1;
  const estimate = <u32>divideWide(<u32>(halved >>> 32), <u32>halved, digit);
  let quotient: u64 = <u64>(estimate >>> (31 - shift));
  if (quotient != 0) quotient -= 1;
  return dividend - quotient * divisor >= divisor ? quotient + 1 : quotient;
}

export function remainderUnsigned64(dividend: u64, divisor: u64): u64 {
  return dividend - divideUnsigned64(dividend, divisor) * divisor;
}

export function divideSigned64(dividend: i64, divisor: i64): i64 {
  if (dividend == i64.MIN_VALUE && divisor == -1) unreachable();
  const negative = (dividend ^ divisor) < 0;
  const quotient = <i64>divideUnsigned64(magnitude(dividend), magnitude(divisor));
  return negative ? -quotient : quotient;
}

export function remainderSigned64(dividend: i64, divisor: i64): i64 {
  const rest = <i64>remainderUnsigned64(magnitude(dividend), magnitude(divisor));
  return dividend < 0 ? -rest : rest;
}

// @ts-ignore: decorator
@inline function magnitude(value: i64): u64 {
  return <u64>(value < 0 ? -value : value);
}
