/** NUL-terminated byte strings. */

export function length(text: usize): u32 {
  let end = text;
  while (load<u8>(end) != 0) end++;
  return <u32>(end - text);
}

export function equal(a: usize, b: usize): bool {
  return compare(a, b) == 0;
}

/** Byte order: negative, zero or positive. */
export function compare(a: usize, b: usize): i32 {
  while (load<u8>(a) != 0 && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return <i32>load<u8>(a) - <i32>load<u8>(b);
}

export function startsWith(text: usize, prefix: usize): bool {
  while (load<u8>(prefix) != 0) if (load<u8>(text++) != load<u8>(prefix++)) return false;
  return true;
}

/** Copies with the NUL; the address of the copy's NUL, where more can be put. */
export function copy(to: usize, from: usize): usize {
  const size = length(from);
  memory.copy(to, from, size + 1);
  return to + size;
}

/** Address of the first `byte`, or 0. */
export function find(text: usize, byte: u32): usize {
  for (; load<u8>(text) != 0; text++) if (load<u8>(text) == byte) return text;
  return 0;
}

/** Address of the last `byte`, or 0. */
export function findLast(text: usize, byte: u32): usize {
  let last: usize = 0;
  for (; load<u8>(text) != 0; text++) if (load<u8>(text) == byte) last = text;
  return last;
}

// @ts-ignore: decorator
@inline export function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

// @ts-ignore: decorator
@inline export function isSpace(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5;
}

/** Whether `text` is an unsigned decimal number below 2^31. */
export function isNumber(text: usize): bool {
  if (load<u8>(text) == 0) return false;
  let value: u64 = 0;
  for (; load<u8>(text) != 0; text++) {
    if (!isDigit(load<u8>(text))) return false;
    value = value * 10 + (load<u8>(text) - 0x30);
    if (value > 0x7fffffff) return false;
  }
  return true;
}

/** Value of the decimal digits at the start, with an optional minus. */
export function toNumber(text: usize): i32 {
  const negative = load<u8>(text) == 0x2d;
  if (negative) text++;
  let value: i32 = 0;
  for (; isDigit(load<u8>(text)); text++) value = value * 10 + (<i32>load<u8>(text) - 0x30);
  return negative ? -value : value;
}

/** Writes an unsigned decimal number with its NUL; the address of the NUL. */
export function putNumber(to: usize, value: u32): usize {
  let digits: u32 = 1;
  for (let rest = value; rest >= 10; rest /= 10) digits++;
  store<u8>(to + digits, 0);
  for (let at = digits; at > 0; at--) {
    store<u8>(to + at - 1, 0x30 + (value % 10));
    value /= 10;
  }
  return to + digits;
}
