/** grep [-vincqF] PATTERN [FILE...]: basic regular expressions of `.`, `*`, `[...]`, `^`, `$` and `\`. */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments, options } from "../lib/args";
import { usage } from "../lib/errors";
import { closeOperand, openOperand } from "../lib/files";
import { readLines } from "../lib/lines";
import { searchPattern } from "../lib/pattern";
import { put, putByte, putBytes, putDecimal } from "../lib/print";

const program = cstr`grep`;
const first: usize = memory.data(4);
const INVERT: u32 = 1;
const IGNORE_CASE: u32 = 2;
const NUMBERS: u32 = 4;
const COUNT: u32 = 8;
const QUIET: u32 = 16;
const FIXED: u32 = 32;
let flags: u32 = 0;

/** 0 when a line was found, 1 when none, 2 on an error. */
export function grep(list: Arguments): i32 {
  flags = options(list, cstr`vincqF`, first);
  const pattern = list.at(load<u32>(first));
  if (flags & 0x80000000 || pattern == 0) {
    usage(cstr`grep [-vincqF] PATTERN [FILE...]`);
    return 2;
  }
  const operands = load<u32>(first) + 1;
  if (operands >= list.count) return verdict(searchFile(pattern, cstr`-`, 0));
  const many = list.count - operands > 1;
  let found: i32 = 0;
  for (let index = operands; index < list.count; index++) {
    const lines = searchFile(pattern, list.at(index), many ? list.at(index) : 0);
    found = lines < 0 || found < 0 ? -1 : found + lines;
  }
  return verdict(found);
}

function verdict(found: i32): i32 {
  return found < 0 ? 2 : found > 0 ? 0 : 1;
}

/** Number of lines selected, or -1 when the file cannot be read. */
function searchFile(pattern: usize, path: usize, label: usize): i32 {
  const fd = openOperand(program, path);
  if (fd < 0) return -1;
  const reader = readLines(fd);
  let selected: i32 = 0;
  let number: u32 = 0;
  for (let line = reader.next(); line != 0; line = reader.next()) {
    number++;
    const matches = searchPattern(pattern, line, (flags & IGNORE_CASE) != 0, (flags & FIXED) != 0);
    if (matches == ((flags & INVERT) != 0)) continue;
    selected++;
    if ((flags & (QUIET | COUNT)) == 0) show(label, number, line, reader.lineLength);
  }
  reader.close();
  closeOperand(fd);
  if (flags & COUNT) showCount(label, selected);
  return selected;
}

function putLabel(label: usize): void {
  if (label == 0) return;
  put(label);
  putByte(0x3a);
}

function show(label: usize, number: u32, line: usize, length: u32): void {
  putLabel(label);
  if (flags & NUMBERS) {
    putDecimal(number);
    putByte(0x3a);
  }
  putBytes(line, length);
  putByte(0x0a);
}

function showCount(label: usize, count: i32): void {
  putLabel(label);
  putDecimal(count);
  putByte(0x0a);
}
