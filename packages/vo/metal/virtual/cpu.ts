import { HYPERCALL_LOAD_TRAPS, HYPERCALL_SET_TLS } from "@mercury/abi/metal";
import { buildTraps } from "../native/traps";
import { demand } from "./call";

/** The native tables are filled as well, so that a later detach finds them complete. */
export function virtual_loadTraps(table: u32, count: u32): void {
  buildTraps(<usize>table, count);
  demand(HYPERCALL_LOAD_TRAPS, table, count, 0);
}

export function virtual_setTls(slot: u32, low: u32, high: u32): void {
  demand(HYPERCALL_SET_TLS, slot, low, high);
}
