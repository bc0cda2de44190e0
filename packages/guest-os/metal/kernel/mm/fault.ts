import { flushPage, setEntry } from "mercury:vo";
import {
  EFAULT, ENOMEM, PAGE_COPY_ON_WRITE, PAGE_PRESENT, PAGE_SHARED, PAGE_SIZE, PAGE_USER, PAGE_WRITABLE,
} from "@mercury/abi/metal";
import { Inode, pageOf } from "../fs/inode";
import { ensurePage } from "../fs/pages";
import { AREA_EXECUTE, AREA_GROWS, AREA_READ, AREA_SHARED, AREA_WRITE, Area, areaFrom, pageDown, rangeFree } from "./area";
import { allocateFrame, allocateZeroedFrame, frameReferences, holdFrame, linear, releaseFrame } from "./frames";
import { machineOf } from "./machine";
import { Space, areasOf, ensureEntry, frameOf } from "./space";

/** Demand paging and copy-on-write. */

/** How far a stack may grow down from its end: RLIMIT_STACK. */
export const STACK_LIMIT: usize = 0x80_0000;
const FRAME: u32 = 0xffff_f000;

/** Makes `address` accessible: 0; -EFAULT where the program has no such right; -ENOMEM. The space is the current one. */
export function resolveFault(space: Space, address: usize, write: bool): i32 {
  const area = areaAt(space, address);
  if (area === null) return -EFAULT;
  if ((area.flags & (write ? AREA_WRITE : AREA_READ | AREA_WRITE | AREA_EXECUTE)) == 0) return -EFAULT;
  const place = ensureEntry(space, address);
  if (place == 0) return -ENOMEM;
  const page = pageDown(address);
  const entry = load<u32>(place);
  if ((entry & PAGE_PRESENT) == 0) return fill(space, area, page, place, write);
  if (!write || (entry & PAGE_WRITABLE) != 0) {
    // The entry allows it: the translation that faulted was an old one.
    flushPage(<u32>page);
    return 0;
  }
  return makeWritable(place, entry, page);
}

/** The area of an address, after growing a stack down to it. */
function areaAt(space: Space, address: usize): Area | null {
  const areas = areasOf(space);
  const area = areaFrom(areas, address);
  if (area === null || area.start <= address) return area;
  if ((area.flags & AREA_GROWS) == 0 || address < area.end - STACK_LIMIT) return null;
  const start = pageDown(address);
  if (!rangeFree(areas, start, area.start)) return null;
  area.start = start;
  return area;
}

function rightsOf(area: Area): u32 {
  return PAGE_PRESENT | PAGE_USER | ((area.flags & AREA_SHARED) != 0 ? PAGE_SHARED : 0);
}

/** Maps a page that is not there yet. */
function fill(space: Space, area: Area, page: usize, place: usize, write: bool): i32 {
  const writable = (area.flags & AREA_WRITE) != 0;
  let rights = rightsOf(area);
  let frame = (area.flags & AREA_SHARED) != 0 ? sharedPage(area, page) : 0;
  if (frame != 0) {
    if (writable) rights |= PAGE_WRITABLE;
  } else if (!write && (frame = filePage(area, page)) != 0) {
    if (writable) rights |= PAGE_COPY_ON_WRITE;
  } else {
    frame = privatePage(area, page);
    if (frame == 0) return -ENOMEM;
    if (writable) rights |= PAGE_WRITABLE;
  }
  space.residentPages++;
  setEntry(<u32>place, <u32>machineOf(frame) | rights);
  return 0;
}

/** The file's own page for a shared mapping, held; 0 when the area has no file. */
function sharedPage(area: Area, page: usize): usize {
  const file = area.file;
  if (file === null) return 0;
  const frame = ensurePage(file, (area.offset + <u32>(page - area.start)) >> 12);
  if (frame != 0) holdFrame(frame);
  return frame;
}

/** The file's page, held, when the program may see all of it; else 0. */
function filePage(area: Area, page: usize): usize {
  const file = area.file;
  if (file === null) return 0;
  const offset = area.offset + <u32>(page - area.start);
  // Behind the end of a file its last page holds zeros, as the area would.
  if (offset >= area.fileEnd || (offset + <u32>PAGE_SIZE > area.fileEnd && area.fileEnd != file.size)) return 0;
  const frame = pageOf(file, offset >> 12);
  if (frame != 0) holdFrame(frame);
  return frame;
}

/** A page of this space alone: the file's bytes as far as they show, then zeros. */
function privatePage(area: Area, page: usize): usize {
  const file = area.file;
  const offset = area.offset + <u32>(page - area.start);
  if (file === null || offset >= area.fileEnd) return allocateZeroedFrame();
  return copyOfFile(file, offset, min<u32>(area.fileEnd - offset, <u32>PAGE_SIZE));
}

function copyOfFile(file: Inode, offset: u32, bytes: u32): usize {
  const source = pageOf(file, offset >> 12);
  if (source == 0) return allocateZeroedFrame();
  const frame = allocateFrame();
  if (frame == 0) return 0;
  memory.copy(linear(frame), linear(source), bytes);
  if (bytes < <u32>PAGE_SIZE) memory.fill(linear(frame) + bytes, 0, PAGE_SIZE - bytes);
  return frame;
}

/** A write to a present page that is read-only: its only owner gets it, others get a copy. */
function makeWritable(place: usize, entry: u32, page: usize): i32 {
  const frame = frameOf(entry);
  const rights = (entry & ~FRAME & ~PAGE_COPY_ON_WRITE) | PAGE_WRITABLE;
  if ((entry & PAGE_SHARED) != 0 || frameReferences(frame) == 1) {
    setEntry(<u32>place, (entry & FRAME) | rights);
    flushPage(<u32>page);
    return 0;
  }
  const copy = allocateFrame();
  if (copy == 0) return -ENOMEM;
  memory.copy(linear(copy), linear(frame), PAGE_SIZE);
  setEntry(<u32>place, <u32>machineOf(copy) | rights);
  flushPage(<u32>page);
  releaseFrame(frame);
  return 0;
}
