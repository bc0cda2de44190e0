/** Memory that lives until released: blocks of powers of two above the program's break, one free list for each size. */
import { cstr } from "@mercury/toolchain/metal";
import { complainText } from "./errors";
import { exit, setBreak } from "./syscall";

/** A block's header: its size class. Free blocks keep the next one's address behind it. */
const header: u32 = 8;
const smallest: u32 = 5;
const freeLists: usize = memory.data(4 * 32);
let top: usize = 0;
let limit: usize = 0;

/** Bytes that are all zero; ends the program when there are none. */
export function allocate(bytes: u32): usize {
  const order = max(smallest, 32 - clz<u32>(bytes + header - 1));
  const list = freeLists + (order << 2);
  let block = load<usize>(list);
  if (block != 0) store<usize>(list, load<usize>(block + header));
  else block = grow(<u32>1 << order);
  store<u32>(block, order);
  memory.fill(block + header, 0, bytes);
  return block + header;
}

export function release(address: usize): void {
  if (address == 0) return;
  const block = address - header;
  const list = freeLists + (load<u32>(block) << 2);
  store<usize>(address, load<usize>(list));
  store<usize>(list, block);
}

/** A copy of a string. */
export function keep(text: usize, bytes: u32): usize {
  const copy = allocate(bytes + 1);
  memory.copy(copy, text, bytes);
  return copy;
}

function grow(bytes: u32): usize {
  if (top == 0) top = limit = (setBreak(0) + 15) & ~15;
  if (top + bytes > limit) {
    const wanted = limit + max(bytes, 0x10000);
    if (setBreak(wanted) < wanted) {
      complainText(cstr`heap`, 0, cstr`Cannot allocate memory`);
      exit(1);
    }
    limit = wanted;
  }
  const block = top;
  top += bytes;
  return block;
}
