import {
  HYPERCALL_ACKNOWLEDGE_LINE, HYPERCALL_CLEAR_ENTRIES, HYPERCALL_FLUSH_SPACE, HYPERCALL_FORK_ENTRIES, HYPERCALL_LOAD_TRAPS, HYPERCALL_MASK_LINE,
  HYPERCALL_PREPARE_DIRECTORY, HYPERCALL_RELEASE_TABLE, HYPERCALL_SET_ENTRY, HYPERCALL_SET_TLS, HYPERCALL_UNMASK_LINE, HYPERCALL_UPDATE_ENTRIES, LINE_CASCADE,
} from "@mercury/abi/metal";
import { hypercall, lineMasks, refused, setLineMasks } from "../machine";
import { buildTraps } from "../native/traps";

/** Most updates in one hypercall (abi/docs/hypercalls.md). */
const BATCH: u32 = 1024;
const LINES: u32 = 16;

/** The VMM refuses only what is a bug of the kernel. */
function demand(number: u32, a: u32, b: u32, c: u32): void {
  const result = hypercall(number, a, b, c);
  if (result < 0) refused(result);
}

export function virtualLoadTraps(table: u32, count: u32): void {
  buildTraps(table, count);
  demand(HYPERCALL_LOAD_TRAPS, table, count, 0);
}

export function virtualSetTls(slot: u32, low: u32, high: u32): void {
  demand(HYPERCALL_SET_TLS, slot, low, high);
}

/** The controllers are the VMM's and work already: what is left is masks. */
export function virtualInitializeLines(): void {
  for (let line: u32 = 0; line < LINES; line++) if (line != LINE_CASCADE) virtualMaskLine(line);
  setLineMasks(0xffff & ~(1 << LINE_CASCADE));
}

export function virtualMaskLine(line: u32): void {
  setLineMasks(lineMasks() | (1 << line));
  demand(HYPERCALL_MASK_LINE, line, 0, 0);
}

export function virtualUnmaskLine(line: u32): void {
  setLineMasks(lineMasks() & ~(1 << line));
  demand(HYPERCALL_UNMASK_LINE, line, 0, 0);
}

export function virtualAcknowledgeLine(line: u32): void {
  demand(HYPERCALL_ACKNOWLEDGE_LINE, line, 0, 0);
}

export function virtualPrepareDirectory(directory: u32): void {
  demand(HYPERCALL_PREPARE_DIRECTORY, directory, 0, 0);
}

export function virtualClearEntries(entry: u32, count: u32): void {
  demand(HYPERCALL_CLEAR_ENTRIES, entry, count, 0);
}

export function virtualForkEntries(destination: u32, source: u32, count: u32): void {
  demand(HYPERCALL_FORK_ENTRIES, destination, source, count);
}

export function virtualUpdateEntries(list: u32, count: u32): void {
  for (let done: u32 = 0; done < count; done += BATCH) demand(HYPERCALL_UPDATE_ENTRIES, list + (done << 3), min<u32>(count - done, BATCH), 0);
}

export function virtualReleaseTable(table: u32): void {
  demand(HYPERCALL_RELEASE_TABLE, table, 0, 0);
}

export function virtualFlushSpace(): void {
  demand(HYPERCALL_FLUSH_SPACE, 0, 0, 0);
}

export function virtualRepairEntry(entry: u32, value: u32): void {
  demand(HYPERCALL_SET_ENTRY, entry, value, 0);
}
