/** Names that are numbers: of processes and of descriptors. */

/** What parseName answers to a name that is no number. */
export const NO_NUMBER: u32 = 0xffff_ffff;
const ZERO: u32 = 0x30;
/** Digits of the largest number that is one. */
const LONGEST: u32 = 9;
const text: usize = memory.data(12);

/** The number of a name of decimal digits without a zero in front, or NO_NUMBER. */
export function parseName(name: usize, length: u32): u32 {
  if (length == 0 || length > LONGEST || (length > 1 && load<u8>(name) == ZERO)) return NO_NUMBER;
  let value: u32 = 0;
  for (let at: u32 = 0; at < length; at++) {
    const digit = <u32>load<u8>(name + at) - ZERO;
    if (digit > 9) return NO_NUMBER;
    value = value * 10 + digit;
  }
  return value;
}

/** Writes a number's name, which stays until the next call: its length. */
export function writeName(number: u32): u32 {
  let length: u32 = 1;
  for (let rest = number; rest > 9; rest /= 10) length++;
  let rest = number;
  for (let at = length; at > 0; at--) {
    store<u8>(text + at - 1, <u8>(ZERO + (rest % 10)));
    rest /= 10;
  }
  return length;
}

/** Where writeName writes. */
export function writtenName(): usize {
  return text;
}
