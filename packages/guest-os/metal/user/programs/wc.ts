/** wc [-lwc] [FILE...] */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments, options } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { closeOperand, openOperand } from "../lib/files";
import { put, putByte, putPadded } from "../lib/print";
import { read } from "../lib/syscall";
import { isSpace } from "../lib/text";

const program = cstr`wc`;
const bufferSize: u32 = 8192;
const buffer: usize = memory.data(8192);
const first: usize = memory.data(4);
const LINES: u32 = 1;
const WORDS: u32 = 2;
const BYTES: u32 = 4;
let shown: u32 = 0;

// @ts-ignore: decorator
@unmanaged class Counts {
  lines: u32;
  words: u32;
  bytes: u32;
}
const current: usize = memory.data(12);
const total: usize = memory.data(12);

export function wc(list: Arguments): i32 {
  const flags = options(list, cstr`lwc`, first);
  if (flags & 0x80000000) return usage(cstr`wc [-lwc] [FILE...]`);
  shown = flags == 0 ? LINES | WORDS | BYTES : flags;
  const start = load<u32>(first);
  if (start >= list.count) return countFile(cstr`-`, 0);
  let failed: i32 = 0;
  for (let index = start; index < list.count; index++) failed |= countFile(list.at(index), list.at(index));
  if (list.count - start > 1) show(changetype<Counts>(total), cstr`total`);
  return failed;
}

function countFile(path: usize, label: usize): i32 {
  const fd = openOperand(program, path);
  if (fd < 0) return 1;
  const counts = changetype<Counts>(current);
  memory.fill(current, 0, 12);
  const result = countBytes(fd, counts);
  closeOperand(fd);
  if (result < 0) return complain(program, path, result);
  const sum = changetype<Counts>(total);
  sum.lines += counts.lines;
  sum.words += counts.words;
  sum.bytes += counts.bytes;
  show(counts, label);
  return 0;
}

function countBytes(fd: i32, counts: Counts): i32 {
  let inWord = false;
  while (true) {
    const count = read(fd, buffer, bufferSize);
    if (count <= 0) return count;
    counts.bytes += count;
    for (let index: i32 = 0; index < count; index++) {
      const byte = load<u8>(buffer + index);
      if (byte == 0x0a) counts.lines++;
      const space = isSpace(byte);
      if (!space && !inWord) counts.words++;
      inWord = !space;
    }
  }
}

/** One column alone is not padded, so that scripts can use it. */
function show(counts: Counts, label: usize): void {
  const width: u32 = popcnt<u32>(shown) == 1 ? 0 : 7;
  let columns: u32 = 0;
  if (shown & LINES) putColumnOf(counts.lines, width, columns++);
  if (shown & WORDS) putColumnOf(counts.words, width, columns++);
  if (shown & BYTES) putColumnOf(counts.bytes, width, columns++);
  if (label != 0) {
    putByte(0x20);
    put(label);
  }
  putByte(0x0a);
}

function putColumnOf(value: u32, width: u32, column: u32): void {
  if (column > 0) putByte(0x20);
  putPadded(value, width);
}
