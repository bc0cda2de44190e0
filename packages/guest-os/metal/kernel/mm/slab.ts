import { PAGE_SIZE } from "@mercury/abi/metal";
import { FRAME_SLAB, FRAME_USED, allocateFrames, linear, physical, recordOf, releaseFrame } from "./frames";

/**
 * Kernel objects of any size up to 4 MB. Sizes up to 2048 bytes come from pages cut into equal objects (classes of a power of two);
 * larger ones are whole blocks of frames. A page whose last object is released goes back to the frame allocator.
 */

/** Classes hold 16, 32, ... 2048 bytes. */
const SMALLEST_SHIFT: u32 = 4;
const LARGEST_SHIFT: u32 = 11;
const NO_OBJECT: u16 = 0xffff;
/** First page with room of each class, as frame number. */
const heads: usize = memory.data(8 << 2, 4);

/** Zeroed memory of at least `bytes` bytes, aligned to 16, or 0 when there is none. */
export function allocate(bytes: usize): usize {
  const object = bytes <= 1 << LARGEST_SHIFT ? allocateSmall(classOf(bytes)) : allocateLarge(bytes);
  if (object != 0) memory.fill(object, 0, bytes);
  return object;
}

/** Gives back what allocate returned; 0 is ignored. */
export function release(object: usize): void {
  if (object == 0) return;
  const frame = <u32>(physical(object) / PAGE_SIZE);
  const record = recordOf(frame);
  if (record.state != FRAME_SLAB) {
    releaseFrame(physical(object));
    return;
  }
  const index = <u32>record.order;
  store<u16>(object, record.free);
  if (record.free == NO_OBJECT) linkPage(frame, index);
  record.free = <u16>(object & (PAGE_SIZE - 1));
  if (--record.references != 0) return;
  unlinkPage(frame, index);
  record.state = FRAME_USED;
  record.order = 0;
  record.references = 1;
  releaseFrame(<usize>frame * PAGE_SIZE);
}

function classOf(bytes: usize): u32 {
  if (bytes <= 1 << SMALLEST_SHIFT) return 0;
  return 32 - clz<u32>(<u32>bytes - 1) - SMALLEST_SHIFT;
}

function allocateLarge(bytes: usize): usize {
  const pages = <u32>((bytes + PAGE_SIZE - 1) / PAGE_SIZE);
  const block = allocateFrames(pages <= 1 ? 0 : 32 - clz<u32>(pages - 1));
  return block == 0 ? 0 : linear(block);
}

function allocateSmall(index: u32): usize {
  let frame = load<u32>(heads + (index << 2));
  if (frame == 0) frame = newPage(index);
  if (frame == 0) return 0;
  const record = recordOf(frame);
  const object = linear(<usize>frame * PAGE_SIZE) + <usize>record.free;
  record.free = load<u16>(object);
  record.references++;
  if (record.free == NO_OBJECT) unlinkPage(frame, index);
  return object;
}

function newPage(index: u32): u32 {
  const address = allocateFrames(0);
  if (address == 0) return 0;
  const frame = <u32>(address / PAGE_SIZE);
  const size = <u32>1 << (index + SMALLEST_SHIFT);
  const page = linear(address);
  const last = <u32>PAGE_SIZE - size;
  for (let offset: u32 = 0; offset < last; offset += size) store<u16>(page + <usize>offset, <u16>(offset + size));
  store<u16>(page + <usize>last, NO_OBJECT);
  const record = recordOf(frame);
  record.state = FRAME_SLAB;
  record.order = <u8>index;
  record.references = 0;
  record.free = 0;
  linkPage(frame, index);
  return frame;
}

function linkPage(frame: u32, index: u32): void {
  const record = recordOf(frame);
  const first = load<u32>(heads + (index << 2));
  record.next = first;
  record.previous = 0;
  if (first != 0) recordOf(first).previous = frame;
  store<u32>(heads + (index << 2), frame);
}

function unlinkPage(frame: u32, index: u32): void {
  const record = recordOf(frame);
  if (record.previous != 0) recordOf(record.previous).next = record.next;
  else store<u32>(heads + (index << 2), record.next);
  if (record.next != 0) recordOf(record.next).previous = record.previous;
}
