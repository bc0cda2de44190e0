import { E2BIG, EFAULT, EntryUpdate, VmmFrame } from "@mercury/abi/metal";
import { isOwnData } from "../frames/chunks";
import { refuse } from "../tables/refusal";
import * as update from "../tables/update";

// Calls that write tables: CR0.WP is clear while they run (dispatch.ts).

/** Most updates in one list: interrupts are off while the VMM works through it. */
const MAXIMUM_UPDATES: u32 = 1024;

export function setEntry(frame: VmmFrame): i32 {
  return update.writeEntry(frame.ebx, frame.ecx);
}

export function exchangeEntry(frame: VmmFrame): i32 {
  const result = update.writeEntry(frame.ebx, frame.ecx);
  if (result == 0) frame.edx = update.replaced;
  return result;
}

export function updateEntries(frame: VmmFrame): i32 {
  const count = frame.ecx;
  if (count > MAXIMUM_UPDATES) return refuse(-E2BIG, count);
  if (!isOwnData(frame.ebx, count << 3)) return refuse(-EFAULT, frame.ebx);
  for (let at = <usize>frame.ebx, end = at + <usize>(count << 3); at < end; at += 8) {
    const element = changetype<EntryUpdate>(at);
    const result = update.writeEntry(element.entry, element.value);
    if (result < 0) return result;
  }
  return 0;
}

export function clearEntries(frame: VmmFrame): i32 {
  return update.clearEntries(frame.ebx, frame.ecx);
}

export function forkEntries(frame: VmmFrame): i32 {
  return update.forkEntries(frame.ebx, frame.ecx, frame.edx);
}

export function prepareDirectory(frame: VmmFrame): i32 {
  return update.prepareDirectory(frame.ebx);
}

export function releaseTable(frame: VmmFrame): i32 {
  return update.releaseTable(frame.ebx);
}
