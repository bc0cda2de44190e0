/** Memory of one command: syntax trees and expanded words are never freed one by one, but all together when the command is done. */
import { allocate, release } from "../../lib/heap";

const chunkSize: u32 = 4080;
/** The chunk in use: its predecessor, then data. */
let chunk: usize = 0;
let next: usize = 0;
let end: usize = 0;

/** A place to go back to. */
// @ts-ignore: decorator
@unmanaged export class Mark {
  chunk: usize;
  next: usize;
  end: usize;
}

/** Zeroed bytes, aligned to 4. */
export function take(bytes: u32): usize {
  const size = (bytes + 3) & ~3;
  if (next + size > end) addChunk(max(chunkSize, size + 4));
  const address = next;
  next += size;
  memory.fill(address, 0, size);
  return address;
}

function addChunk(size: u32): void {
  const fresh = allocate(size);
  store<usize>(fresh, chunk);
  chunk = fresh;
  next = fresh + 4;
  end = fresh + size;
}

/** A copy of `size` bytes with a NUL. */
export function takeText(from: usize, size: u32): usize {
  const copy = take(size + 1);
  memory.copy(copy, from, size);
  return copy;
}

export function mark(into: Mark): void {
  into.chunk = chunk;
  into.next = next;
  into.end = end;
}

/** Frees what was taken since the mark. */
export function releaseTo(from: Mark): void {
  while (chunk != from.chunk) {
    const previous = load<usize>(chunk);
    release(chunk);
    chunk = previous;
  }
  next = from.next;
  end = from.end;
}
