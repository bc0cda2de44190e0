/** head [-n LINES] [FILE...] and tail [-n LINES] [FILE...] */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { usage } from "../lib/errors";
import { closeOperand, openOperand } from "../lib/files";
import { allocate, keep, release } from "../lib/heap";
import { LineReader, readLines } from "../lib/lines";
import { put, putByte, putBytes } from "../lib/print";
import { equal, isNumber, startsWith, toNumber } from "../lib/text";

let wanted: u32 = 10;
let operands: u32 = 1;

export function head(list: Arguments): i32 {
  return parse(list) ? forEach(list, cstr`head`, false) : usage(cstr`head [-n LINES] [FILE...]`);
}

export function tail(list: Arguments): i32 {
  return parse(list) ? forEach(list, cstr`tail`, true) : usage(cstr`tail [-n LINES] [FILE...]`);
}

/** `-n 5`, `-n5` and `-5` mean the same. */
function parse(list: Arguments): bool {
  const option = list.at(1);
  if (option == 0 || load<u8>(option) != 0x2d || load<u8>(option + 1) == 0) return true;
  const apart = equal(option, cstr`-n`);
  const number = apart ? list.at(2) : startsWith(option, cstr`-n`) ? option + 2 : option + 1;
  if (number == 0 || !isNumber(number)) return false;
  wanted = toNumber(number);
  operands = apart ? 3 : 2;
  return true;
}

function forEach(list: Arguments, program: usize, last: bool): i32 {
  if (operands >= list.count) return show(program, cstr`-`, last);
  const many = list.count - operands > 1;
  let failed: i32 = 0;
  for (let index = operands; index < list.count; index++) {
    if (many) title(list.at(index), index > operands);
    failed |= show(program, list.at(index), last);
  }
  return failed;
}

function title(path: usize, again: bool): void {
  if (again) putByte(0x0a);
  put(cstr`==> `);
  put(path);
  put(cstr` <==\n`);
}

function show(program: usize, path: usize, last: bool): i32 {
  const fd = openOperand(program, path);
  if (fd < 0) return 1;
  const reader = readLines(fd);
  if (last) showLast(reader);
  else for (let count: u32 = 0; count < wanted && showNext(reader); count++);
  reader.close();
  closeOperand(fd);
  return 0;
}

function showNext(reader: LineReader): bool {
  const line = reader.next();
  if (line == 0) return false;
  putBytes(line, reader.lineLength);
  if (reader.complete) putByte(0x0a);
  return true;
}

/** Keeps the last lines in a ring. */
function showLast(reader: LineReader): void {
  if (wanted == 0) return;
  const ring = allocate(wanted * 8);
  let count: u32 = 0;
  for (let line = reader.next(); line != 0; line = reader.next()) {
    const slot = ring + ((count % wanted) << 3);
    release(load<usize>(slot));
    const size = reader.lineLength + (reader.complete ? 1 : 0);
    const copy = keep(line, size);
    if (reader.complete) store<u8>(copy + reader.lineLength, 0x0a);
    store<usize>(slot, copy);
    store<u32>(slot + 4, size);
    count++;
  }
  const start = count > wanted ? count - wanted : 0;
  for (let index = start; index < count; index++) {
    const slot = ring + ((index % wanted) << 3);
    putBytes(load<usize>(slot), load<u32>(slot + 4));
  }
}
