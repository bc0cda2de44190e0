/** The text of a generated file: a buffer that grows while its generator appends. One is being written at a time, as generators never sleep. */
import { allocate, release } from "../../mm/slab";

// @ts-ignore: decorator
@unmanaged export class Text {
  bytes: usize;
  length: u32;
  capacity: u32;
  /** Memory ran out while it was written. */
  incomplete: u32;
}

const FIRST_CAPACITY: u32 = 1024;
const ZERO: u32 = 0x30;
const digits: usize = memory.data(20);
const DIGITS: u32 = 20;

let current: Text = changetype<Text>(0);

/** A new text that the put functions append to, or null. */
export function beginText(): Text | null {
  const bytes = allocate(FIRST_CAPACITY);
  const address = bytes == 0 ? 0 : allocate(offsetof<Text>());
  if (address == 0) {
    release(bytes);
    return null;
  }
  current = changetype<Text>(address);
  current.bytes = bytes;
  current.capacity = FIRST_CAPACITY;
  return current;
}

export function freeText(text: Text): void {
  release(text.bytes);
  release(changetype<usize>(text));
}

function grow(): bool {
  const bytes = allocate(current.capacity << 1);
  if (bytes == 0) {
    current.incomplete = 1;
    return false;
  }
  memory.copy(bytes, current.bytes, current.length);
  release(current.bytes);
  current.bytes = bytes;
  current.capacity <<= 1;
  return true;
}

export function putByte(byte: u32): void {
  if (current.length == current.capacity && !grow()) return;
  store<u8>(current.bytes + current.length++, <u8>byte);
}

/** Appends a NUL-terminated text. */
export function put(text: usize): void {
  for (let at = text; load<u8>(at) != 0; at++) putByte(load<u8>(at));
}

export function putBytes(from: usize, count: u32): void {
  for (let at: u32 = 0; at < count; at++) putByte(load<u8>(from + at));
}

function putNumber(value: u64, base: u64, least: u32): void {
  let rest = value;
  let at = DIGITS;
  do {
    const digit = <u32>(rest % base);
    store<u8>(digits + --at, <u8>(digit < 10 ? ZERO + digit : 0x61 + digit - 10));
    rest /= base;
  } while (rest != 0 || DIGITS - at < least);
  putBytes(digits + at, DIGITS - at);
}

export function putDecimal(value: u64): void {
  putNumber(value, 10, 1);
}

/** As putDecimal, for a number below zero too. */
export function putSigned(value: i32): void {
  if (value < 0) putByte(0x2d);
  putNumber(<u64>abs(<i64>value), 10, 1);
}

/** At least `least` digits, with zeros in front. */
export function putPadded(value: u32, least: u32): void {
  putNumber(value, 10, least);
}

export function putHex(value: u64, least: u32): void {
  putNumber(value, 16, least);
}

function putKey(key: usize): void {
  put(key);
  putByte(0x3a);
  putByte(0x20);
}

/** `key: value` on a line of its own. */
export function putLine(key: usize, value: u64): void {
  putKey(key);
  putDecimal(value);
  putByte(0x0a);
}

/** `key: text` on a line of its own. */
export function putTextLine(key: usize, text: usize): void {
  putKey(key);
  put(text);
  putByte(0x0a);
}
