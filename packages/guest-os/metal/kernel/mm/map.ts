import { flushPage } from "mercury:vo";
import { ENOMEM, PAGE_COPY_ON_WRITE, PAGE_PRESENT, PAGE_USER, PAGE_WRITABLE, USER_END } from "@mercury/abi/metal";
import { Inode } from "../fs/inode";
import {
  AREA_HEAP, AREA_READ, AREA_SHARED, AREA_WRITE, findGap, insertArea, pageUp, rangeCovered, rangeFree, removeAreas, setProtection, splitArea,
} from "./area";
import { STACK_LIMIT, resolveFault } from "./fault";
import { releaseFrame } from "./frames";
import { Space, areasOf, entryOf, frameOf } from "./space";
import { clearTable, flushAll, flushUpdates, updateLater } from "./tables";

/** Changes of the current space's areas, and of the pages under them. Addresses are page aligned, ranges lie in user space. */

/** Lowest address that mmap hands out, and the end of its range: a stack may grow to its limit below userEnd. */
const MAP_LOW: usize = 0x1000_0000;
const MAP_HIGH: usize = USER_END - STACK_LIMIT - 0x10_0000;
/** Pages up to which single flushes are cheaper than dropping all translations. */
const FEW_PAGES: usize = 16;
const LEAF_SPAN: usize = 0x40_0000;

/** Removes what lies in [start, end): 0 or -ENOMEM. */
export function unmapRange(space: Space, start: usize, end: usize): i32 {
  const areas = areasOf(space);
  if (rangeFree(areas, start, end)) return 0;
  if (!splitArea(areas, start) || !splitArea(areas, end)) return -ENOMEM;
  removeAreas(areas, start, end);
  clearPages(space, start, end);
  flushRange(start, end);
  return 0;
}

function clearPages(space: Space, start: usize, end: usize): void {
  for (let at = start; at < end; ) {
    const stop = min<usize>(end, (at & ~(LEAF_SPAN - 1)) + LEAF_SPAN);
    const place = entryOf(space, at);
    if (place != 0) clearLeaf(space, place, <u32>((stop - at) >> 12));
    at = stop;
  }
}

function clearLeaf(space: Space, place: usize, count: u32): void {
  let found = false;
  for (let index: u32 = 0; index < count; index++) {
    const entry = load<u32>(place + (index << 2));
    if (entry == 0) continue;
    found = true;
    space.residentPages--;
    releaseFrame(frameOf(entry));
  }
  if (found) clearTable(place, count);
}

function flushRange(start: usize, end: usize): void {
  if ((end - start) >> 12 > FEW_PAGES) {
    flushAll();
    return;
  }
  for (let at = start; at < end; at += 0x1000) flushPage(<u32>at);
}

/** A new area at `address`, or, when that is 0, where there is room: its address, or a negated errno. What lay there is removed. */
export function mapRange(space: Space, address: usize, length: usize, flags: u32, file: Inode | null, offset: u32, fileEnd: u32): usize {
  const areas = areasOf(space);
  const start = address != 0 ? address : findGap(areas, length, MAP_LOW, MAP_HIGH);
  if (start == 0) return -ENOMEM;
  const end = start + length;
  const error = unmapRange(space, start, end);
  if (error != 0) return error;
  if (insertArea(areas, start, end, flags, file, offset, fileEnd) === null) return -ENOMEM;
  // Processes share such pages only as far as they exist at fork, so they are made at once.
  if ((flags & AREA_SHARED) != 0 && file === null && !populate(space, start, end)) {
    unmapRange(space, start, end);
    return -ENOMEM;
  }
  return start;
}

function populate(space: Space, start: usize, end: usize): bool {
  for (let at = start; at < end; at += 0x1000) if (resolveFault(space, at, true) != 0) return false;
  return true;
}

/** Gives [start, end) other rights: 0, or -ENOMEM where nothing is mapped. */
export function protectRange(space: Space, start: usize, end: usize, protection: u32): i32 {
  const areas = areasOf(space);
  if (!rangeCovered(areas, start, end)) return -ENOMEM;
  if (!splitArea(areas, start) || !splitArea(areas, end)) return -ENOMEM;
  setProtection(areas, start, end, protection);
  for (let at = start; at < end; at += 0x1000) {
    const place = entryOf(space, at);
    const entry = place == 0 ? 0 : load<u32>(place);
    if ((entry & PAGE_PRESENT) != 0) updateLater(place, withRights(entry, protection));
  }
  flushUpdates();
  flushRange(start, end);
  return 0;
}

/** Rights are taken from the entry at once and given back by the next fault, as the frame may be shared. */
function withRights(entry: u32, protection: u32): u32 {
  const bare = entry & ~PAGE_USER;
  const visible = protection == 0 ? bare : bare | PAGE_USER;
  return (protection & AREA_WRITE) != 0 ? visible : visible & ~(PAGE_WRITABLE | PAGE_COPY_ON_WRITE);
}

/** brk(2): the new break, or the old one when it cannot be. */
export function setBreak(space: Space, address: usize): usize {
  if (address < space.breakStart || address >= MAP_HIGH) return space.breakEnd;
  const oldEnd = pageUp(space.breakEnd);
  const newEnd = pageUp(address);
  if (newEnd < oldEnd && unmapRange(space, newEnd, oldEnd) != 0) return space.breakEnd;
  if (newEnd > oldEnd && !growBreak(space, oldEnd, newEnd)) return space.breakEnd;
  space.breakEnd = address;
  return address;
}

function growBreak(space: Space, start: usize, end: usize): bool {
  const areas = areasOf(space);
  return rangeFree(areas, start, end) && insertArea(areas, start, end, AREA_READ | AREA_WRITE | AREA_HEAP, null, 0, 0) !== null;
}
