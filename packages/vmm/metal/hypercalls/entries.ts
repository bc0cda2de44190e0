import { E2BIG, EFAULT, EntryUpdate, VmmFrame } from "@mercury/abi/metal";
import { isOwnData } from "../frames/chunks";
import { allowTableWrites, forbidTableWrites } from "../tables/protection";
import { refuse } from "../tables/refusal";
import * as update from "../tables/update";

/** Most updates in one list: interrupts are off while the VMM works through it. */
const MAXIMUM_UPDATES: u32 = 1024;

export function setEntry(frame: VmmFrame): i32 {
  allowTableWrites();
  const result = update.writeEntry(frame.ebx, frame.ecx);
  forbidTableWrites();
  return result;
}

export function exchangeEntry(frame: VmmFrame): i32 {
  const result = setEntry(frame);
  if (result == 0) frame.edx = update.replaced;
  return result;
}

export function updateEntries(frame: VmmFrame): i32 {
  const count = frame.ecx;
  if (count > MAXIMUM_UPDATES) return refuse(-E2BIG, count);
  if (!isOwnData(frame.ebx, count << 3)) return refuse(-EFAULT, frame.ebx);
  allowTableWrites();
  const result = applyUpdates(<usize>frame.ebx, count);
  forbidTableWrites();
  return result;
}

function applyUpdates(list: usize, count: u32): i32 {
  for (let index: u32 = 0; index < count; index++) {
    const at = changetype<EntryUpdate>(list + <usize>(index << 3));
    const result = update.writeEntry(at.entry, at.value);
    if (result < 0) return result;
  }
  return 0;
}

export function clearEntries(frame: VmmFrame): i32 {
  allowTableWrites();
  const result = update.clearEntries(frame.ebx, frame.ecx);
  forbidTableWrites();
  return result;
}

export function forkEntries(frame: VmmFrame): i32 {
  allowTableWrites();
  const result = update.forkEntries(frame.ebx, frame.ecx, frame.edx);
  forbidTableWrites();
  return result;
}

export function prepareDirectory(frame: VmmFrame): i32 {
  allowTableWrites();
  const result = update.prepareDirectory(frame.ebx);
  forbidTableWrites();
  return result;
}

export function releaseTable(frame: VmmFrame): i32 {
  allowTableWrites();
  const result = update.releaseTable(frame.ebx);
  forbidTableWrites();
  return result;
}
