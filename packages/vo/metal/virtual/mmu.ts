import {
  HYPERCALL_CLEAR_ENTRIES, HYPERCALL_FLUSH_SPACE, HYPERCALL_FORK_ENTRIES, HYPERCALL_PREPARE_DIRECTORY, HYPERCALL_RELEASE_TABLE,
  HYPERCALL_SET_ENTRY, HYPERCALL_UPDATE_ENTRIES,
} from "@mercury/abi/metal";
import { demand } from "./call";

/** Most updates in one hypercall: the VMM runs with interrupts off while it works through them (abi/docs/hypercalls.md). */
const BATCH: u32 = 1024;

export function virtual_prepareDirectory(directory: u32): void {
  demand(HYPERCALL_PREPARE_DIRECTORY, directory, 0, 0);
}

export function virtual_clearEntries(entry: u32, count: u32): void {
  demand(HYPERCALL_CLEAR_ENTRIES, entry, count, 0);
}

export function virtual_forkEntries(destination: u32, source: u32, count: u32): void {
  demand(HYPERCALL_FORK_ENTRIES, destination, source, count);
}

export function virtual_updateEntries(list: u32, count: u32): void {
  while (count > BATCH) {
    demand(HYPERCALL_UPDATE_ENTRIES, list, BATCH, 0);
    list += BATCH << 3;
    count -= BATCH;
  }
  demand(HYPERCALL_UPDATE_ENTRIES, list, count, 0);
}

export function virtual_releaseTable(table: u32): void {
  demand(HYPERCALL_RELEASE_TABLE, table, 0, 0);
}

export function virtual_flushSpace(): void {
  demand(HYPERCALL_FLUSH_SPACE, 0, 0, 0);
}

/** There is no window to be missing: the VMM writes every entry. */
export function virtual_repairEntry(entry: u32, value: u32): void {
  demand(HYPERCALL_SET_ENTRY, entry, value, 0);
}
