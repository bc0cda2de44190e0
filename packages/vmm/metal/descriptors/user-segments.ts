import { GDT_TLS0, GDT_USER_CODE, GDT_USER_DATA } from "@mercury/abi/metal";
import { loadFs, loadGs, readFs, readGs } from "@mercury/toolchain/metal";
import { TLS_SLOTS } from "./gdt";

/** Selector bits (SDM 3A 3.4.2): the table is the LDT. */
const LOCAL: u32 = 4;
/** Present, in a descriptor's high word. */
const PRESENT: u32 = 0x8000;

/** Null, or a segment that native and virtual table have alike: TLS and the user's flat ones. */
function isUserSelector(selector: u32): bool {
  const slot = selector >> 3;
  if ((selector & LOCAL) != 0) return false;
  return slot == 0 || slot - GDT_TLS0 < TLS_SLOTS || slot == GDT_USER_CODE || slot == GDT_USER_DATA;
}

/** 0 when FS and GS can go from one table to the other, else the selector that cannot. */
export function foreignSelector(): u32 {
  if (!isUserSelector(readFs())) return readFs();
  return isUserSelector(readGs()) ? 0 : readGs();
}

/**
 * FS and GS take their hidden parts from the table that was just loaded. A program may have cleared the descriptor of a selector that it still
 * holds: that selector becomes null, as any other load would fault.
 */
export function reloadUserSegments(table: usize): void {
  loadFs(loadable(table, readFs()));
  loadGs(loadable(table, readGs()));
}

function loadable(table: usize, selector: u32): u32 {
  if (selector >> 3 == 0) return selector;
  const high = load<u32>(table + <usize>(selector & ~7) + 4);
  return (high & PRESENT) != 0 ? selector : 0;
}
