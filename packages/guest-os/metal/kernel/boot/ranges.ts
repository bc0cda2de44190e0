import { CHUNK_SIZE, PAGE_SIZE } from "@mercury/abi/metal";
import { addFrames } from "../mm/frames";
import { machineOf } from "../mm/machine";
import { firstEntry, nextEntry, usableEnd, usableStart } from "./multiboot";

/** Usable and taken ranges of physical memory, copied from the loader's map before anything is written over it. */

// @ts-ignore: decorator
@unmanaged export class Range {
  start: usize;
  end: usize;
}

const CAPACITY: u32 = 32;
const usable: usize = memory.data(32 * 8, 4);
const previous: usize = memory.data(32 * 8, 4);
const taken: usize = memory.data(32 * 8, 4);
let usableCount: u32 = 0;
let takenCount: u32 = 0;

// @ts-ignore: decorator
@inline export function rangeIn(table: usize, index: u32): Range {
  return changetype<Range>(table + <usize>index * offsetof<Range>());
}

/** Copies the usable ranges, none of them taken yet; one past the highest usable byte. */
export function keepUsableRanges(): usize {
  let highest: usize = 0;
  usableCount = 0;
  takenCount = 0;
  let entry = firstEntry();
  while (entry !== null) {
    const end = usableEnd(entry);
    if (end != 0) {
      addUsable(usableStart(entry), end);
      highest = max<usize>(highest, end);
    }
    entry = nextEntry(entry);
  }
  return highest;
}

/** One range more, or a longer last one. What there is no room for is not used. */
function addUsable(start: usize, end: usize): void {
  if (usableCount != 0) {
    const last = rangeIn(usable, usableCount - 1);
    if (last.end == start) {
      last.end = end;
      return;
    }
  }
  if (usableCount == CAPACITY) return;
  const range = rangeIn(usable, usableCount++);
  range.start = start;
  range.end = end;
}

/** Whether one usable range holds all of [start, end). */
export function isUsable(start: usize, end: usize): bool {
  for (let index: u32 = 0; index < usableCount; index++) {
    const range = rangeIn(usable, index);
    if (range.start <= start && end <= range.end) return true;
  }
  return false;
}

/** Whether anything of [start, end) is usable. */
export function isPartlyUsable(start: usize, end: usize): bool {
  for (let index: u32 = 0; index < usableCount; index++) {
    const range = rangeIn(usable, index);
    if (range.start < end && start < range.end) return true;
  }
  return false;
}

/** The lowest address from `from` on at which `bytes` bytes, whole pages, are usable; 0 when there is none. */
export function usableFrom(from: usize, bytes: usize): usize {
  let lowest: usize = 0;
  for (let index: u32 = 0; index < usableCount; index++) {
    const range = rangeIn(usable, index);
    const start = (max<usize>(range.start, from) + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1);
    const fits = start < range.end && range.end - start >= bytes;
    if (fits && (lowest == 0 || start < lowest)) lowest = start;
  }
  return lowest;
}

/**
 * The ranges again after the first `chunks` chunks have got other machine chunks under them: an address stays usable when its new place is
 * usable too.
 */
export function moveUsableRanges(chunks: u32): void {
  const before = usableCount;
  memory.copy(previous, usable, <usize>before * offsetof<Range>());
  usableCount = 0;
  for (let chunk: u32 = 0; chunk < chunks; chunk++) {
    const start = <usize>chunk * CHUNK_SIZE;
    for (let index: u32 = 0; index < before; index++) keepPart(rangeIn(previous, index), start, before);
  }
  for (let index: u32 = 0; index < before; index++) {
    const range = rangeIn(previous, index);
    const start = max<usize>(range.start, <usize>chunks * CHUNK_SIZE);
    if (start < range.end) addUsable(start, range.end);
  }
}

/** What the chunk at `chunk` keeps of a range: where its machine chunk is usable. */
function keepPart(range: Range, chunk: usize, count: u32): void {
  const start = max<usize>(range.start, chunk);
  const end = min<usize>(range.end, chunk + CHUNK_SIZE);
  if (start >= end) return;
  const machine = machineOf(chunk);
  for (let index: u32 = 0; index < count; index++) {
    const place = rangeIn(previous, index);
    const low = max<usize>(place.start, machine + (start - chunk));
    const high = min<usize>(place.end, machine + (end - chunk));
    if (low < high) addUsable(chunk + (low - machine), chunk + (high - machine));
  }
}

/** The frame allocator will not get [start, end). */
export function takeRange(start: usize, end: usize): void {
  if (end <= start || takenCount == CAPACITY) return;
  const range = rangeIn(taken, takenCount++);
  range.start = start;
  range.end = end;
}

/** Gives the frame allocator what is usable below `limit` and not taken. */
export function addUsableFrames(limit: usize): void {
  for (let index: u32 = 0; index < usableCount; index++) {
    const range = rangeIn(usable, index);
    addExcept(range.start, min<usize>(range.end, limit), 0);
  }
}

/** [start, end) without the taken ranges from number `from` on. */
function addExcept(start: usize, end: usize, from: u32): void {
  for (let index = from; index < takenCount; index++) {
    const range = rangeIn(taken, index);
    if (range.start >= end || range.end <= start) continue;
    if (range.start > start) addExcept(start, range.start, index + 1);
    if (range.end < end) addExcept(range.end, end, index + 1);
    return;
  }
  addWhole(start, end);
}

/** Whole frames only. */
export function addWhole(start: usize, end: usize): void {
  const first = (start + 0xfff) & ~0xfff;
  const last = end & ~0xfff;
  if (last > first) addFrames(first, last);
}
