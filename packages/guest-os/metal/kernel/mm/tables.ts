import {
  clearEntries, disableInterrupts, flushSpace, forkEntries, prepareDirectory, releaseTable, restoreFlags, saveFlags, updateEntries,
} from "mercury:vo";
import { EntryUpdate } from "@mercury/abi/metal";

/** The table operations that must run with interrupts off, made so. Entries and tables are named by direct-map address. */

export function clearTable(entry: usize, count: u32): void {
  const flags = saveFlags();
  disableInterrupts();
  clearEntries(<u32>entry, count);
  restoreFlags(flags);
}

export function copyTable(destination: usize, source: usize, count: u32): void {
  const flags = saveFlags();
  disableInterrupts();
  forkEntries(<u32>destination, <u32>source, count);
  restoreFlags(flags);
}

export function makeDirectory(table: usize): void {
  const flags = saveFlags();
  disableInterrupts();
  prepareDirectory(<u32>table);
  restoreFlags(flags);
}

export function giveTable(table: usize): void {
  const flags = saveFlags();
  disableInterrupts();
  releaseTable(<u32>table);
  restoreFlags(flags);
}

/** Drops the current space's translations. */
export function flushAll(): void {
  const flags = saveFlags();
  disableInterrupts();
  flushSpace();
  restoreFlags(flags);
}

/** Updates gathered for one operation. Only tasks use it, and none of them sleeps in between. */
const CAPACITY: u32 = 64;
const list: usize = memory.data(64 << 3, 8);
let gathered: u32 = 0;

/** Writes an entry now or with the next flushUpdates. */
export function updateLater(entry: usize, value: u32): void {
  if (gathered == CAPACITY) flushUpdates();
  const update = changetype<EntryUpdate>(list + <usize>(gathered++ << 3));
  update.entry = <u32>entry;
  update.value = value;
}

/** Writes what updateLater gathered. */
export function flushUpdates(): void {
  if (gathered == 0) return;
  const flags = saveFlags();
  disableInterrupts();
  updateEntries(<u32>list, gathered);
  restoreFlags(flags);
  gathered = 0;
}
