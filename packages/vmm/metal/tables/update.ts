import {
  EBUSY, EFAULT, EPERM, PAGE_COPY_ON_WRITE, PAGE_LARGE, PAGE_PRESENT, PAGE_SHARED, PAGE_SIZE, PAGE_WRITABLE, SLOT_DIRECT_MAP,
} from "@mercury/abi/metal";
import { exchange32 } from "@mercury/toolchain/metal";
import { currentDirectory } from "../domains/first";
import { masterDirectory } from "../domains/facts";
import {
  NO_FRAME, TYPE_DIRECTORY, TYPE_LEAF, TYPE_NONE, frameOfLinear, frameOfMachine, hooksOf, linearOf, setType, typeOf,
} from "../frames/records";
import { emptyUserHalf, writeKernelHalf } from "./directory";
import { flushBeforeRetype } from "./flush";
import { hook, unhook } from "./leaf";
import { ENTRIES, isLegalEntry } from "./legal";
import { refuse } from "./refusal";

// Each function works on read-only direct-map addresses that the kernel passed. Table writes must be allowed. 0 or a negated errno.

/** The value that the last writeEntry replaced. */
export let replaced: u32 = 0;

/** Writes one entry or slot. Frames without a type take anything: whatever they become, they are validated first. */
export function writeEntry(entry: u32, value: u32): i32 {
  const frame = frameOfLinear(entry);
  if (frame == NO_FRAME || (entry & 3) != 0) return refuse(-EFAULT, entry);
  const type = typeOf(frame);
  if (type == TYPE_DIRECTORY) return writeSlot(entry, value);
  if (type == TYPE_LEAF && !isLegalEntry(value)) return refuse(-EPERM, value);
  if (frame == frameOfMachine(masterDirectory)) return refuse(-EPERM, entry);
  replaced = exchange32(<usize>entry, value);
  return 0;
}

function writeSlot(entry: u32, value: u32): i32 {
  if (((entry & 0xfff) >> 2) >= SLOT_DIRECT_MAP) return refuse(-EPERM, entry);
  if ((value & PAGE_PRESENT) != 0) {
    if ((value & PAGE_LARGE) != 0) return refuse(-EPERM, value);
    const result = hook(value & ~0xfff);
    if (result < 0) return result;
  }
  replaced = exchange32(<usize>entry, value);
  if ((replaced & PAGE_PRESENT) != 0) unhook(replaced & ~0xfff);
  return 0;
}

/** Frame of `count` consecutive entries, or NO_FRAME where they are not all in one zone frame. */
function frameOfRange(entry: u32, count: u32): u32 {
  if ((entry & 3) != 0 || count > ENTRIES || ((entry & 0xfff) >> 2) + count > ENTRIES) return NO_FRAME;
  return frameOfLinear(entry);
}

/**
 * Zeroes entries. A whole frame that nothing names becomes an empty leaf table: nothing in it is left to validate. That goes for a frame that
 * was a directory, too: the eager strategy takes for one whatever still looks like it.
 */
export function clearEntries(entry: u32, count: u32): i32 {
  const frame = frameOfRange(entry, count);
  if (frame == NO_FRAME || frame == frameOfMachine(masterDirectory)) return refuse(-EFAULT, entry);
  const type = typeOf(frame);
  const whole = count == ENTRIES && !isUsed(frame);
  if (type == TYPE_DIRECTORY && !whole) return clearSlots(entry, count);
  if (type == TYPE_DIRECTORY) emptyUserHalf(frame);
  memory.fill(<usize>entry, 0, <usize>count << 2);
  if (type != TYPE_LEAF && whole) {
    flushBeforeRetype();
    setType(frame, TYPE_LEAF);
  }
  return 0;
}

function clearSlots(entry: u32, count: u32): i32 {
  for (let index: u32 = 0; index < count; index++) {
    const result = writeSlot(entry + (index << 2), 0);
    if (result < 0) return result;
  }
  return 0;
}

/** Copies leaf entries with copy-on-write (voOperations.forkEntries). */
export function forkEntries(destination: u32, source: u32, count: u32): i32 {
  const to = frameOfRange(destination, count);
  const from = frameOfRange(source, count);
  const master = frameOfMachine(masterDirectory);
  // Both tables are written: the source loses its writable bits.
  if (to == NO_FRAME || from == NO_FRAME || to == master || from == master) return refuse(-EFAULT, destination);
  if (typeOf(to) == TYPE_DIRECTORY || typeOf(from) == TYPE_DIRECTORY) return refuse(-EPERM, destination);
  const unchecked = typeOf(from) == TYPE_LEAF || typeOf(to) == TYPE_NONE;
  for (let offset: u32 = 0, end = count << 2; offset < end; offset += 4) {
    const value = shareEntry(<usize>(source + offset));
    if (value == 0) continue;
    if (!unchecked && !isLegalEntry(value)) return refuse(-EPERM, source + offset);
    store<u32>(<usize>(destination + offset), value);
  }
  return 0;
}

/** The entry as both tables shall have it; written back to the source where that changes it. */
function shareEntry(at: usize): u32 {
  const value = load<u32>(at);
  if ((value & (PAGE_PRESENT | PAGE_WRITABLE | PAGE_SHARED)) != (PAGE_PRESENT | PAGE_WRITABLE)) return value;
  const shared = (value & ~PAGE_WRITABLE) | PAGE_COPY_ON_WRITE;
  store<u32>(at, shared);
  return shared;
}

/** A frame that nothing names, at the start of a page; NO_FRAME for any other. */
function unnamedFrame(table: u32): u32 {
  const frame = frameOfLinear(table);
  if (frame == NO_FRAME || (table & (<u32>PAGE_SIZE - 1)) != 0) return NO_FRAME;
  return frame;
}

/** Whether a frame is in use: hooked, loaded, or the master. */
function isUsed(frame: u32): bool {
  return hooksOf(frame) != 0 || frame == frameOfMachine(currentDirectory) || frame == frameOfMachine(masterDirectory);
}

export function prepareDirectory(table: u32): i32 {
  const frame = unnamedFrame(table);
  if (frame == NO_FRAME) return refuse(-EFAULT, table);
  if (isUsed(frame)) return refuse(-EBUSY, table);
  if (typeOf(frame) == TYPE_DIRECTORY) emptyUserHalf(frame);
  else memory.fill(linearOf(frame), 0, <usize>SLOT_DIRECT_MAP << 2);
  flushBeforeRetype();
  writeKernelHalf(linearOf(frame));
  setType(frame, TYPE_DIRECTORY);
  return 0;
}

export function releaseTable(table: u32): i32 {
  const frame = unnamedFrame(table);
  if (frame == NO_FRAME) return refuse(-EFAULT, table);
  if (isUsed(frame)) return refuse(-EBUSY, table);
  if (typeOf(frame) == TYPE_DIRECTORY) emptyUserHalf(frame);
  flushBeforeRetype();
  setType(frame, TYPE_NONE);
  return 0;
}
