import { DIRECT_MAP_BASE, PAGE_SIZE } from "@mercury/abi/metal";

/**
 * Page frames of the direct map that are not tables: a binary buddy allocator over one record per frame, with a reference count
 * for frames that several address spaces or files share. Addresses are physical; 0 means "none". Only tasks allocate, never interrupt handlers.
 */

/** Blocks have 2^order frames, order 0 to 10 (4 MB). */
export const ORDERS: u32 = 11;

/** What a frame record says of its frame. */
export const FRAME_RESERVED: u8 = 0;
export const FRAME_FREE: u8 = 1;
export const FRAME_USED: u8 = 2;
export const FRAME_SLAB: u8 = 3;

// @ts-ignore: decorator
@unmanaged export class FrameRecord {
  /** Links of the free list or of a slab class's list of pages with room, as frame numbers; 0 ends the list. */
  next: u32;
  previous: u32;
  /** References to a used frame; live objects of a slab page. */
  references: u32;
  order: u8;
  state: u8;
  /** Slab page: offset of the first free object, 0xFFFF when there is none. */
  free: u16;
}

const RECORD_SHIFT: u32 = 4;
const heads: usize = memory.data(11 << 2, 4);
let records: usize = 0;
let limit: u32 = 0;
let freeFrames: u32 = 0;
let managedFrames: u32 = 0;

/** The kernel's linear address of a physical one. */
// @ts-ignore: decorator
@inline export function linear(physical: usize): usize {
  return physical + DIRECT_MAP_BASE;
}

/** The physical address of a linear one in the direct map. */
// @ts-ignore: decorator
@inline export function physical(linear: usize): usize {
  return linear - DIRECT_MAP_BASE;
}

/** Bytes of the records for `frames` frames. */
export function recordBytes(frames: u32): usize {
  return <usize>frames << RECORD_SHIFT;
}

/** Starts with no free frame; `table` has room for recordBytes(frames). */
export function initializeFrames(table: usize, frames: u32): void {
  memory.fill(table, 0, recordBytes(frames));
  memory.fill(heads, 0, 11 << 2);
  records = table;
  limit = frames;
  freeFrames = 0;
  managedFrames = 0;
}

/** The record of a frame, by its number. */
// @ts-ignore: decorator
@inline export function recordOf(frame: u32): FrameRecord {
  return changetype<FrameRecord>(records + (<usize>frame << RECORD_SHIFT));
}

/** Gives the frames in [start, end), physical and page aligned, to the allocator. */
export function addFrames(start: usize, end: usize): void {
  let frame = <u32>(start / PAGE_SIZE);
  const stop = min<u32>(<u32>(end / PAGE_SIZE), limit);
  // Frame 0 stays out: its number ends the lists, and low BIOS data lies there.
  if (frame == 0) frame = 1;
  if (frame >= stop) return;
  managedFrames += stop - frame;
  while (frame < stop) {
    let order = ctz<u32>(frame);
    if (order >= ORDERS) order = ORDERS - 1;
    while (frame + (1 << order) > stop) order--;
    insertBlock(frame, order);
    freeFrames += 1 << order;
    frame += 1 << order;
  }
}

function headOf(order: u32): u32 {
  return load<u32>(heads + (order << 2));
}

function insertBlock(frame: u32, order: u32): void {
  const record = recordOf(frame);
  const first = headOf(order);
  record.state = FRAME_FREE;
  record.order = <u8>order;
  record.references = 0;
  record.next = first;
  record.previous = 0;
  if (first != 0) recordOf(first).previous = frame;
  store<u32>(heads + (order << 2), frame);
}

function removeBlock(frame: u32): void {
  const record = recordOf(frame);
  if (record.previous != 0) recordOf(record.previous).next = record.next;
  else store<u32>(heads + (<u32>record.order << 2), record.next);
  if (record.next != 0) recordOf(record.next).previous = record.previous;
}

/** 2^order consecutive frames, aligned to their size, with one reference; the physical address of the first, or 0. */
export function allocateFrames(order: u32): usize {
  let from = order;
  while (from < ORDERS && headOf(from) == 0) from++;
  if (from >= ORDERS) return 0;
  const frame = headOf(from);
  removeBlock(frame);
  while (from > order) {
    from--;
    insertBlock(frame + (1 << from), from);
  }
  const record = recordOf(frame);
  record.state = FRAME_USED;
  record.order = <u8>order;
  record.references = 1;
  freeFrames -= 1 << order;
  return <usize>frame * PAGE_SIZE;
}

/** One frame with one reference, contents undefined; its physical address, or 0. */
export function allocateFrame(): usize {
  return allocateFrames(0);
}

/** One frame of zeros; its physical address, or 0. */
export function allocateZeroedFrame(): usize {
  const frame = allocateFrames(0);
  if (frame != 0) memory.fill(linear(frame), 0, PAGE_SIZE);
  return frame;
}

/** One reference more to a used frame. A frame that the allocator does not manage (the image, the RAM disk) is never counted. */
export function holdFrame(address: usize): void {
  const record = recordOf(<u32>(address / PAGE_SIZE));
  if (record.state == FRAME_USED) record.references++;
}

/** One reference less; the last one frees the block that starts at this frame. */
export function releaseFrame(address: usize): void {
  const frame = <u32>(address / PAGE_SIZE);
  const record = recordOf(frame);
  if (record.state != FRAME_USED) return;
  if (--record.references == 0) freeBlock(frame, record.order);
}

/** References to a frame; 0 when the allocator does not manage it (it is then shared for ever). */
export function frameReferences(address: usize): u32 {
  const record = recordOf(<u32>(address / PAGE_SIZE));
  return record.state == FRAME_USED ? record.references : 0;
}

function freeBlock(start: u32, startOrder: u32): void {
  let frame = start;
  let order = startOrder;
  freeFrames += 1 << order;
  while (order < ORDERS - 1) {
    const buddy = frame ^ (1 << order);
    if (buddy >= limit) break;
    const record = recordOf(buddy);
    if (record.state != FRAME_FREE || <u32>record.order != order) break;
    removeBlock(buddy);
    // Only the head of a block is FRAME_FREE, so that a buddy inside a larger block is never taken for a block.
    record.state = FRAME_RESERVED;
    if (buddy < frame) {
      recordOf(frame).state = FRAME_RESERVED;
      frame = buddy;
    }
    order++;
  }
  insertBlock(frame, order);
}

/** Frames that are free now. */
export function freeFrameCount(): u32 {
  return freeFrames;
}

/** Frames that were given to the allocator. */
export function managedFrameCount(): u32 {
  return managedFrames;
}
