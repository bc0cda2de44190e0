/** Buffered output to descriptor 1, and to 2 between `beginError` and `endError`. */
import { cstr } from "@mercury/toolchain/metal";
import { length, putNumber } from "./text";
import { exit, write } from "./syscall";
import { errorText } from "./errors";

const capacity: u32 = 4096;
const buffer: usize = memory.data(4096);
const digits: usize = memory.data(16);
let used: u32 = 0;
let target: i32 = 1;

/** Writes all of it, however many calls that takes; 0 or a negated errno. */
export function writeAll(fd: i32, from: usize, count: u32): i32 {
  while (count > 0) {
    const written = write(fd, from, count);
    if (written < 0) return written;
    from += written;
    count -= written;
  }
  return 0;
}

/** Whether output that cannot be written ends the program; a shell goes on. */
let fatal: bool = true;
let writeFailed: bool = false;

/** From here on a write error is only noted, for `takeWriteError`. */
export function surviveWriteErrors(): void {
  fatal = false;
}

/** Whether a write has failed since the last time that this was asked. */
export function takeWriteError(): bool {
  const result = writeFailed;
  writeFailed = false;
  return result;
}

/** Sends what is buffered. A program whose output cannot be written says why and ends with status 1. */
export function flush(): void {
  const count = used;
  used = 0;
  if (count == 0) return;
  const result = writeAll(target, buffer, count);
  if (result == 0) return;
  if (target == 1) {
    beginError();
    put(cstr`write error: `);
    put(errorText(-result));
    putByte(0x0a);
    endError();
  }
  writeFailed = true;
  if (fatal) exit(1);
}

export function putByte(byte: u32): void {
  if (used == capacity) flush();
  store<u8>(buffer + used, byte);
  used++;
}

export function putBytes(from: usize, count: u32): void {
  for (let end = from + count; from < end; from++) putByte(load<u8>(from));
}

export function put(text: usize): void {
  putBytes(text, length(text));
}

export function putLine(text: usize): void {
  put(text);
  putByte(0x0a);
}

export function putDecimal(value: u32): void {
  putNumber(digits, value);
  put(digits);
}

export function putSigned(value: i32): void {
  if (value < 0) putByte(0x2d);
  putDecimal(value < 0 ? 0 - <u32>value : <u32>value);
}

/** Right-aligned in `width` columns. */
export function putPadded(value: u32, width: u32): void {
  const end = putNumber(digits, value);
  putSpaces(width - min(width, <u32>(end - digits)));
  put(digits);
}

/** Left-aligned in `width` columns. */
export function putColumn(text: usize, width: u32): void {
  put(text);
  putSpaces(width - min(width, length(text)));
}

export function putSpaces(count: u32): void {
  while (count-- > 0) putByte(0x20);
}

/** Two digits at least: times and dates. */
export function putTwo(value: u32): void {
  if (value < 10) putByte(0x30);
  putDecimal(value);
}

/** What follows goes to standard error, after everything before it. */
export function beginError(): void {
  flush();
  target = 2;
}

export function endError(): void {
  flush();
  target = 1;
}

/** A child of fork drops what its parent has still to write. */
export function discard(): void {
  used = 0;
}
