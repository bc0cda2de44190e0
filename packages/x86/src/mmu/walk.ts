import type { Core } from "../cpu/core.ts";
import { at, cr0, cr4 } from "../state/layout.ts";
import { checkRights, describe, entry, error, markEntry, pageFault, readPhysical, type Translation } from "./entry.ts";
import { walkPae } from "./pae.ts";

/** Of a 4 MB page's entry bits 13 to 16 are physical address bits 32 to 35 (PSE-36); 17 to 21 are reserved (SDM 3A table 4-4). */
const LARGE_RESERVED = 0x003e0000;
const LARGE_OFFSET = 0x3fffff;

const result: Translation = { physical: 0, writable: false, executable: true, global: false, large: false };

/**
 * Translates a linear address as the tables in memory say, sets A and D bits, or raises #PF (SDM 3A 4.3, 4.4, 4.6, 4.7, 4.8).
 * `access` has the bits W, U and I of `error`. The result is valid until the next call.
 */
export function walk(core: Core, linear: number, access: number): Translation {
  const { state } = core;
  result.executable = true;
  if ((state.get(at.cr0) & cr0.PG) === 0) {
    result.physical = linear >>> 0;
    result.writable = true;
    result.global = false;
    result.large = false;
    return result;
  }
  return (state.get(at.cr4) & cr4.PAE) !== 0 ? walkPae(core, linear, access, result) : walkTwoLevels(core, linear, access);
}

/** 32-bit paging: 4 KB pages below 4 GB, and with CR4.PSE pages of 4 MB anywhere in 36 bits (SDM 3A 4.3). */
function walkTwoLevels(core: Core, linear: number, access: number): Translation {
  const { state } = core;
  const directoryAddress = ((state.get(at.cr3) & ~0xfff) >>> 0) + (linear >>> 22) * 4;
  const directory = readPhysical(core, directoryAddress);
  if ((directory & entry.P) === 0) pageFault(core, linear, access);
  const used = (access & error.W) !== 0 ? entry.A | entry.D : entry.A;
  result.large = (directory & entry.PS) !== 0 && (state.get(at.cr4) & cr4.PSE) !== 0;
  if (result.large) {
    if ((directory & LARGE_RESERVED) !== 0) pageFault(core, linear, access | error.P | error.RSVD);
    checkRights(core, linear, directory, access);
    markEntry(core, directoryAddress, directory, used);
    const high = ((directory >>> 13) & 0xf) * 0x1_0000_0000;
    result.physical = high + (((directory & ~LARGE_OFFSET) | (linear & LARGE_OFFSET)) >>> 0);
    describe(core, result, directory, directory, access);
    return result;
  }
  const tableAddress = ((directory & ~0xfff) >>> 0) + ((linear >>> 12) & 0x3ff) * 4;
  const table = readPhysical(core, tableAddress);
  if ((table & entry.P) === 0) pageFault(core, linear, access);
  const rights = directory & table;
  checkRights(core, linear, rights, access);
  markEntry(core, directoryAddress, directory, entry.A);
  markEntry(core, tableAddress, table, used);
  result.physical = ((table & ~0xfff) | (linear & 0xfff)) >>> 0;
  describe(core, result, table, rights, access);
  return result;
}
