import { EPERM, PAGE_DEFERRED, PAGE_LARGE, PAGE_PRESENT, PAGE_SIZE, SLOT_DIRECT_MAP } from "@mercury/abi/metal";
import { exchange32 } from "@mercury/toolchain/metal";
import { stats } from "../domains/first";
import { TYPE_DIRECTORY, linearOf, setType } from "../frames/records";
import { landingDirectory } from "../symbols";
import { noteTable } from "./counters";
import { hook, unhook } from "./leaf";
import { refuse } from "./refusal";

/** Bytes of a directory's user half. */
const USER_HALF: usize = <usize>SLOT_DIRECT_MAP << 2;

/** Writes the kernel's half, which is the VMM's to say, over whatever stands there. */
export function writeKernelHalf(directory: usize): void {
  memory.copy(directory + USER_HALF, landingDirectory() + USER_HALF, PAGE_SIZE - USER_HALF);
}

/**
 * Makes an unused zone frame a directory: the kernel's half written, every present user slot parked as `deferred` until its first touch.
 * The exchange is locked by itself, so accessed bits that the processor sets meanwhile are kept. Table writes must be allowed.
 */
export function validateDirectory(frame: u32): i32 {
  const directory = linearOf(frame);
  let parked: u32 = 0;
  for (let at = directory, end = directory + USER_HALF; at < end; at += 4) {
    const slot = load<u32>(at);
    if ((slot & PAGE_PRESENT) == 0) continue;
    if ((slot & PAGE_LARGE) != 0) return refuse(-EPERM, <u32>at);
    const latest = exchange32(at, 0);
    store<u32>(at, (latest & ~PAGE_PRESENT) | PAGE_DEFERRED);
    parked++;
  }
  writeKernelHalf(directory);
  setType(frame, TYPE_DIRECTORY);
  noteTable();
  stats().deferredDirectories++;
  stats().deferredSlots += parked;
  return 0;
}

/**
 * Validates the leaf that a deferred slot names and puts the slot back to present. The kernel may write what it likes into slots that are not
 * present, so nothing is known of this one: as a large page it would map its whole chunk. Table writes must be allowed.
 */
export function undeferSlot(at: usize): i32 {
  const slot = load<u32>(at);
  if ((slot & PAGE_LARGE) != 0) return refuse(-EPERM, slot);
  const result = hook(slot & ~0xfff);
  if (result < 0) return result;
  store<u32>(at, (slot & ~PAGE_DEFERRED) | PAGE_PRESENT);
  stats().deferredLeaves++;
  return 0;
}

/** Eager form of the two above: every leaf is validated now and no slot stays deferred. Table writes must be allowed. */
export function validateSpace(frame: u32): i32 {
  const result = validateDirectory(frame);
  if (result < 0) return result;
  const directory = linearOf(frame);
  for (let at = directory, end = directory + USER_HALF; at < end; at += 4) {
    if ((load<u32>(at) & PAGE_DEFERRED) == 0) continue;
    const hooked = undeferSlot(at);
    if (hooked < 0) return hooked;
  }
  return 0;
}

/** Empties the user half of a validated directory, unhooking what it names. Table writes must be allowed. */
export function emptyUserHalf(frame: u32): void {
  const directory = linearOf(frame);
  for (let at = directory, end = directory + USER_HALF; at < end; at += 4) {
    const slot = load<u32>(at);
    if (slot == 0) continue;
    store<u32>(at, 0);
    if ((slot & PAGE_PRESENT) != 0) unhook(slot & ~0xfff);
  }
}
