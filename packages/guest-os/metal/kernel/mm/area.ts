import { PAGE_SIZE } from "@mercury/abi/metal";
import { Inode, holdInode, releaseInode } from "../fs/inode";
import { allocate, release } from "./slab";

/** Areas: ranges of one space with the same rights and contents, in a list by address, never overlapping. */

export const AREA_READ: u32 = 1;
export const AREA_WRITE: u32 = 2;
export const AREA_EXECUTE: u32 = 4;
/** Pages stay shared over fork. */
export const AREA_SHARED: u32 = 8;
/** A stack: grows downwards when touched just below. */
export const AREA_GROWS: u32 = 16;
/** The brk area. */
export const AREA_HEAP: u32 = 32;
const PROTECTION: u32 = 7;

// @ts-ignore: decorator
@unmanaged export class Area {
  next: Area | null;
  /** Page aligned; end is one past. */
  start: usize;
  end: usize;
  flags: u32;
  /** File whose bytes fill the area, or null for zeros. */
  file: Inode | null;
  /** File offset of `start`, page aligned, and one past the last file byte that shows; zeros follow. */
  offset: u32;
  fileEnd: u32;
}

/** Head of a list: `changetype<AreaList>(address)` of any word. */
// @ts-ignore: decorator
@unmanaged export class AreaList {
  first: Area | null;
}

/** The area that holds `address`, or null. */
export function findArea(list: AreaList, address: usize): Area | null {
  const area = areaFrom(list, address);
  return area !== null && area.start <= address ? area : null;
}

/** The first area that ends above `address`. */
export function areaFrom(list: AreaList, address: usize): Area | null {
  let area = list.first;
  while (area !== null && area.end <= address) area = area.next;
  return area;
}

/** Whether no area reaches into [start, end). */
export function rangeFree(list: AreaList, start: usize, end: usize): bool {
  const area = areaFrom(list, start);
  return area === null || area.start >= end;
}

/** A new area in its place, joined with a neighbour that continues it; null when memory is out. The range is free. */
export function insertArea(list: AreaList, start: usize, end: usize, flags: u32, file: Inode | null, offset: u32, fileEnd: u32): Area | null {
  const before = areaBefore(list, start);
  if (before !== null && before.end == start && before.flags == flags && file === null && before.file === null) {
    before.end = end;
    return before;
  }
  const area = changetype<Area>(allocate(offsetof<Area>()));
  if (changetype<usize>(area) == 0) return null;
  area.start = start;
  area.end = end;
  area.flags = flags;
  area.file = file === null ? null : holdInode(file);
  area.offset = offset;
  area.fileEnd = fileEnd;
  link(list, before, area);
  return area;
}

function link(list: AreaList, before: Area | null, area: Area): void {
  if (before === null) {
    area.next = list.first;
    list.first = area;
    return;
  }
  area.next = before.next;
  before.next = area;
}

/** The last area that starts below `address`. */
function areaBefore(list: AreaList, address: usize): Area | null {
  let before: Area | null = null;
  let area = list.first;
  while (area !== null && area.start < address) {
    before = area;
    area = area.next;
  }
  return before;
}

/** Cuts the area that spans `address` into two there; false when memory is out. */
export function splitArea(list: AreaList, address: usize): bool {
  const area = findArea(list, address);
  if (area === null || area.start == address) return true;
  const upper = changetype<Area>(allocate(offsetof<Area>()));
  if (changetype<usize>(upper) == 0) return false;
  const file = area.file;
  upper.start = address;
  upper.end = area.end;
  upper.flags = area.flags & ~AREA_GROWS;
  upper.file = file === null ? null : holdInode(file);
  upper.offset = area.offset + <u32>(address - area.start);
  upper.fileEnd = area.fileEnd;
  area.end = address;
  link(list, area, upper);
  return true;
}

/** Removes all areas inside [start, end), at whose ends areas were split. */
export function removeAreas(list: AreaList, start: usize, end: usize): void {
  const before = areaBefore(list, start);
  let area = before === null ? list.first : before.next;
  while (area !== null && area.start < end) {
    const after = area.next;
    freeArea(area);
    area = after;
  }
  if (before === null) list.first = area;
  else before.next = area;
}

function freeArea(area: Area): void {
  const file = area.file;
  if (file !== null) releaseInode(file);
  release(changetype<usize>(area));
}

/** The same areas in the empty list `to`; false when memory is out, what was made stays in the list. */
export function copyAreas(to: AreaList, from: AreaList): bool {
  let tail: Area | null = null;
  let area = from.first;
  while (area !== null) {
    const copy = changetype<Area>(allocate(offsetof<Area>()));
    if (changetype<usize>(copy) == 0) return false;
    memory.copy(changetype<usize>(copy), changetype<usize>(area), offsetof<Area>());
    copy.next = null;
    const file = copy.file;
    if (file !== null) holdInode(file);
    link(to, tail, copy);
    tail = copy;
    area = area.next;
  }
  return true;
}

/** Whether areas cover [start, end) without a gap. */
export function rangeCovered(list: AreaList, start: usize, end: usize): bool {
  let at = start;
  let area = areaFrom(list, start);
  while (area !== null && area.start <= at) {
    at = area.end;
    if (at >= end) return true;
    area = area.next;
  }
  return at >= end;
}

/** Gives the areas inside [start, end), split at its ends, other rights. */
export function setProtection(list: AreaList, start: usize, end: usize, protection: u32): void {
  let area = areaFrom(list, start);
  while (area !== null && area.start < end) {
    area.flags = (area.flags & ~PROTECTION) | protection;
    area = area.next;
  }
}

/** The highest free range of `length` bytes in [low, high), or 0. */
export function findGap(list: AreaList, length: usize, low: usize, high: usize): usize {
  let best: usize = 0;
  let at = low;
  let area = areaFrom(list, low);
  while (area !== null && at < high) {
    const stop = min<usize>(area.start, high);
    if (stop >= at && stop - at >= length) best = stop - length;
    at = area.end;
    area = area.next;
  }
  if (at < high && high - at >= length) best = high - length;
  return best;
}

/** Rounds up to whole pages; wraps to 0 for the last page of the address space. */
// @ts-ignore: decorator
@inline export function pageUp(address: usize): usize {
  return (address + (PAGE_SIZE - 1)) & ~(PAGE_SIZE - 1);
}

// @ts-ignore: decorator
@inline export function pageDown(address: usize): usize {
  return address & ~(PAGE_SIZE - 1);
}
