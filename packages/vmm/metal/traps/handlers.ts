import { TRAP_ENTRY_SIZE, TrapEntry, VECTOR_SYSTEM_CALL } from "@mercury/abi/metal";
import { isOwnData } from "../frames/chunks";
import { trapHandlers } from "../symbols";

const VECTORS: u32 = 256;
/** Rows that a table can sensibly have: one for each vector. */
const MAXIMUM_ROWS: u32 = VECTORS;

/** The VMM's copy of a row, by vector; its handler is 0 where the kernel has none. */
export function handlerOf(vector: u32): TrapEntry {
  return changetype<TrapEntry>(trapHandlers() + <usize>((vector & (VECTORS - 1)) * TRAP_ENTRY_SIZE));
}

let copiedTable: u32 = 0;
let copiedCount: u32 = 0;

/** Whether the table has a handler of system calls; of two rows the last one counts. */
function hasSystemCall(table: u32, count: u32): bool {
  let handler: u32 = 0;
  for (let at = <usize>table, end = at + <usize>(count * TRAP_ENTRY_SIZE); at < end; at += TRAP_ENTRY_SIZE) {
    if (<u32>load<u8>(at) == VECTOR_SYSTEM_CALL) handler = changetype<TrapEntry>(at).handler;
  }
  return handler != 0;
}

/** Takes the kernel's trap table over, a copy by vector. False, and the old copy stays, where it does not lie in the domain's data or has no system call. */
export function copyHandlers(table: u32, count: u32): bool {
  if (count > MAXIMUM_ROWS || !isOwnData(table, count * TRAP_ENTRY_SIZE) || !hasSystemCall(table, count)) return false;
  if (table != copiedTable || count != copiedCount) memory.fill(trapHandlers(), 0, VECTORS * TRAP_ENTRY_SIZE);
  copiedTable = table;
  copiedCount = count;
  for (let at = <usize>table, end = at + <usize>(count * TRAP_ENTRY_SIZE); at < end; at += TRAP_ENTRY_SIZE) {
    const row = changetype<usize>(handlerOf(load<u8>(at)));
    store<u32>(row, load<u32>(at));
    store<u32>(row + 4, load<u32>(at + 4));
  }
  return true;
}
