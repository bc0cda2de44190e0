import { addFrames } from "../mm/frames";
import { firstEntry, nextEntry, usableEnd, usableStart } from "./multiboot";

/** Usable and taken ranges of physical memory, copied from the loader's map before anything is written over it. */

// @ts-ignore: decorator
@unmanaged export class Range {
  start: usize;
  end: usize;
}

const CAPACITY: u32 = 32;
const usable: usize = memory.data(32 * 8, 4);
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
    if (end != 0 && usableCount < CAPACITY) {
      const range = rangeIn(usable, usableCount++);
      range.start = usableStart(entry);
      range.end = end;
      highest = max<usize>(highest, end);
    }
    entry = nextEntry(entry);
  }
  return highest;
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
