/** The kernel's memory side for tests in Node: allocators over the direct map, spaces in a mocked table zone, functions with plain parameters. */
import { PAGE_PRESENT, PAGE_SIZE, PAGE_USER, PAGE_WRITABLE } from "@mercury/abi/metal";
import { Area, AreaList, areaFrom, findGap, insertArea, removeAreas, setProtection, splitArea } from "../kernel/mm/area";
import { resolveFault } from "../kernel/mm/fault";
import { forkSpace } from "../kernel/mm/fork";
import { addFrames, initializeFrames, linear, recordBytes } from "../kernel/mm/frames";
import { initializeMachine } from "../kernel/mm/machine";
import { mapRange, protectRange, setBreak, unmapRange } from "../kernel/mm/map";
import { Space, createSpace, destroySpace, entryOf, frameOf } from "../kernel/mm/space";
import { initializeZone } from "../kernel/mm/zone";

export { allocateFrames, frameReferences, freeFrameCount, holdFrame, managedFrameCount, releaseFrame } from "../kernel/mm/frames";
export { allocate, release } from "../kernel/mm/slab";
export { freeTableCount } from "../kernel/mm/zone";

/** Frames start behind the zone's one chunk at 4 MB. */
const FIRST_FRAME: usize = 0x80_0000;
const ZONE_FRAMES: u32 = 1024;
/** Below the zone, where the kernel's image would be. */
const ZONE_LIST: usize = 0x30_0000;

/** Memory of `frames` frames, their records included; all P2M entries must be set (sharedPage). */
export function setUpMemory(frames: u32): void {
  const last = <u32>(FIRST_FRAME / PAGE_SIZE) + frames;
  initializeFrames(linear(FIRST_FRAME), last);
  addFrames((FIRST_FRAME + recordBytes(last) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1), <usize>last * PAGE_SIZE);
  initializeMachine(<u32>((<usize>last * PAGE_SIZE + 0x3f_ffff) >> 22));
  initializeZone(linear(ZONE_LIST), ZONE_FRAMES, 1);
}

export function newSpace(): usize {
  const space = createSpace();
  if (space === null) return 0;
  space.breakStart = space.breakEnd = 0x0900_0000;
  return changetype<usize>(space);
}

export function endSpace(space: usize): void {
  destroySpace(changetype<Space>(space));
}

export function copySpace(space: usize): usize {
  return changetype<usize>(forkSpace(changetype<Space>(space)));
}

export function map(space: usize, address: usize, length: usize, flags: u32): i32 {
  return <i32>mapRange(changetype<Space>(space), address, length, flags, null, 0, 0);
}

export function unmap(space: usize, address: usize, length: usize): i32 {
  return unmapRange(changetype<Space>(space), address, address + length);
}

export function protect(space: usize, address: usize, length: usize, protection: u32): i32 {
  return protectRange(changetype<Space>(space), address, address + length, protection);
}

export function moveBreak(space: usize, address: usize): usize {
  return setBreak(changetype<Space>(space), address);
}

export function residentPages(space: usize): u32 {
  return changetype<Space>(space).residentPages;
}

/** A program's store as the processor does it: a fault where the entry does not allow it, then the byte. 0 or a negated errno. */
export function storeByte(space: usize, address: usize, value: u32): i32 {
  const error = accessible(space, address, PAGE_PRESENT | PAGE_WRITABLE, true);
  if (error < 0) return error;
  store<u8>(linear(frameOf(load<u32>(entryOf(changetype<Space>(space), address)))) + (address & (PAGE_SIZE - 1)), value);
  return 0;
}

/** A program's load: the byte, or a negated errno. */
export function loadByte(space: usize, address: usize): i32 {
  const error = accessible(space, address, PAGE_PRESENT, false);
  if (error < 0) return error;
  return load<u8>(linear(frameOf(load<u32>(entryOf(changetype<Space>(space), address)))) + (address & (PAGE_SIZE - 1)));
}

function accessible(space: usize, address: usize, wanted: u32, write: bool): i32 {
  const place = entryOf(changetype<Space>(space), address);
  const entry = place == 0 ? 0 : load<u32>(place);
  return (entry & wanted) == wanted && (entry & PAGE_USER) != 0 ? 0 : resolveFault(changetype<Space>(space), address, write);
}

/** A list of areas alone. */
const list: AreaList = changetype<AreaList>(memory.data(4, 4));

export function addArea(start: usize, end: usize, flags: u32): bool {
  return insertArea(list, start, end, flags, null, 0, 0) !== null;
}

export function dropRange(start: usize, end: usize): bool {
  if (!splitArea(list, start) || !splitArea(list, end)) return false;
  removeAreas(list, start, end);
  return true;
}

export function changeRights(start: usize, end: usize, protection: u32): bool {
  if (!splitArea(list, start) || !splitArea(list, end)) return false;
  setProtection(list, start, end, protection);
  return true;
}

export function gap(length: usize, low: usize, high: usize): usize {
  return findGap(list, length, low, high);
}

/** Flags of the area at an address, or -1. */
export function flagsAt(address: usize): i32 {
  const area = areaFrom(list, address);
  return area !== null && area.start <= address ? <i32>area.flags : -1;
}

export function areaCount(): u32 {
  let count: u32 = 0;
  let area: Area | null = list.first;
  while (area !== null) {
    count++;
    area = area.next;
  }
  return count;
}
