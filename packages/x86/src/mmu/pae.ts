import type { Core } from "../cpu/core.ts";
import { raiseGeneral } from "../cpu/exceptions.ts";
import { at } from "../state/layout.ts";
import { checkRights, describe, entry, error, markEntry, noExecuteEnabled, pageFault, readPhysical, type Translation } from "./entry.ts";

/** Bits 63 to 36 of an entry in its high half: not addresses of this processor (SDM 3A table 4-8, MAXPHYADDR 36). */
const PDPTE_HIGH_RESERVED = ~0xf;
/** Bits 1, 2 and 5 to 8 (SDM 3A table 4-8). */
const PDPTE_LOW_RESERVED = 0x1e6;
/** Bits 62 to 36; bit 63 is NX. */
const HIGH_RESERVED = 0x7ffffff0;
const NX = 1 << 31;
/** Bits 20 to 13 of the entry of a 2 MB page (SDM 3A table 4-9). */
const LARGE_RESERVED = 0x1fe000;
const LARGE_OFFSET = 0x1fffff;
const HIGH = 0x1_0000_0000;

/** Physical address that an entry holds in bits 35 to 12, or those that `mask` leaves of the low half. */
const addressOf = (low: number, high: number, mask: number): number => (high & 0xf) * HIGH + ((low & mask) >>> 0);

/**
 * Loads the four page-directory-pointer registers from the table at `cr3`; #GP(0) for a reserved bit of a present one, and
 * then the registers stay (SDM 3A 4.4.1).
 */
export function loadPointers(core: Core, cr3: number): void {
  const base = (cr3 & ~0x1f) >>> 0;
  const words = Array.from({ length: 8 }, (_, index) => readPhysical(core, base + index * 4));
  for (let index = 0; index < 8; index += 2) {
    const low = words[index] ?? 0;
    const high = words[index + 1] ?? 0;
    if ((low & entry.P) === 0) continue;
    if ((low & PDPTE_LOW_RESERVED) !== 0 || (high & PDPTE_HIGH_RESERVED) !== 0) raiseGeneral(core, 0);
  }
  for (const [index, word] of words.entries()) core.state.set(at.pointers + index * 4, word);
}

/** Reserved bits of a present directory or table entry. */
function checkReserved(core: Core, linear: number, reserved: boolean, high: number, access: number): void {
  const noExecute = (high & NX) !== 0 && !noExecuteEnabled(core);
  if (reserved || noExecute || (high & HIGH_RESERVED) !== 0) pageFault(core, linear, access | error.P | error.RSVD);
}

/** PAE paging: 4 KB and 2 MB pages anywhere in 36 bits, NX (SDM 3A 4.4.2). */
export function walkPae(core: Core, linear: number, access: number, result: Translation): Translation {
  const { state } = core;
  const pointer = at.pointers + (linear >>> 30) * 8;
  const pointerLow = state.get(pointer);
  if ((pointerLow & entry.P) === 0) pageFault(core, linear, access);
  const directoryAddress = addressOf(pointerLow, state.get(pointer + 4), ~0xfff) + ((linear >>> 21) & 0x1ff) * 8;
  const directory = readPhysical(core, directoryAddress);
  if ((directory & entry.P) === 0) pageFault(core, linear, access);
  const directoryHigh = readPhysical(core, directoryAddress + 4);
  const large = (directory & entry.PS) !== 0;
  checkReserved(core, linear, large && (directory & LARGE_RESERVED) !== 0, directoryHigh, access);
  const used = (access & error.W) !== 0 ? entry.A | entry.D : entry.A;
  result.large = large;
  if (large) {
    result.executable = !noExecuteEnabled(core) || (directoryHigh & NX) === 0;
    checkRights(core, linear, directory, access, !result.executable);
    markEntry(core, directoryAddress, directory, used);
    result.physical = addressOf(directory, directoryHigh, ~LARGE_OFFSET) + (linear & LARGE_OFFSET);
    describe(core, result, directory, directory, access);
    return result;
  }
  const tableAddress = addressOf(directory, directoryHigh, ~0xfff) + ((linear >>> 12) & 0x1ff) * 8;
  const table = readPhysical(core, tableAddress);
  if ((table & entry.P) === 0) pageFault(core, linear, access);
  const tableHigh = readPhysical(core, tableAddress + 4);
  checkReserved(core, linear, false, tableHigh, access);
  const rights = directory & table;
  result.executable = !noExecuteEnabled(core) || ((directoryHigh | tableHigh) & NX) === 0;
  checkRights(core, linear, rights, access, !result.executable);
  markEntry(core, directoryAddress, directory, entry.A);
  markEntry(core, tableAddress, table, used);
  result.physical = addressOf(table, tableHigh, ~0xfff) + (linear & 0xfff);
  describe(core, result, table, rights, access);
  return result;
}
