import type { Core } from "../cpu/core.ts";
import { raise, vector } from "../cpu/exceptions.ts";
import { at, cr0, cr4 } from "../state/layout.ts";

/** Bits of page-directory and page-table entries (SDM 3A 4.3). */
const entry = { P: 1, W: 2, U: 4, A: 0x20, D: 0x40, PS: 0x80 } as const;
/** Without PSE-36 these bits of a 4 MB page's entry are reserved (SDM 3A table 4-4). */
const LARGE_RESERVED = 0x003fe000;

/** Bits of a page fault's error code (SDM 3A 4.7). */
const error = { P: 1, W: 2, U: 4, RSVD: 8 } as const;

/** A translation: where the page is, and whether writes need no further check. */
export interface Translation {
  /** Physical address of the byte asked for. */
  physical: number;
  writable: boolean;
}

const result: Translation = { physical: 0, writable: false };

export function readPhysical(core: Core, address: number): number {
  const { memory } = core;
  const physical = address >>> 0;
  if (physical + 4 <= memory.ramSize) return memory.word(memory.ramBase + physical);
  return core.bus.readMemory(physical, 4) | 0;
}

/** A and D bits are set by the processor; tables are data, so decoded code in the same frame is told. */
function markEntry(core: Core, address: number, value: number, bits: number): void {
  if ((value & bits) === bits) return;
  const { memory } = core;
  const physical = address >>> 0;
  if (physical + 4 > memory.ramSize) {
    core.bus.writeMemory(physical, 4, (value | bits) >>> 0);
    return;
  }
  core.code?.invalidate(memory.ramBase + physical, 4);
  memory.setWord(memory.ramBase + physical, value | bits);
}

function pageFault(core: Core, linear: number, code: number): never {
  core.state.set(at.cr2, linear);
  return raise(core, vector.PF, code);
}

/**
 * Translates a linear address as the tables in memory say, sets A and D bits, or raises #PF (SDM 3A 4.3, 4.6, 4.7, 4.8).
 * The result is valid until the next call.
 */
export function walk(core: Core, linear: number, write: boolean, user: boolean): Translation {
  const { state } = core;
  const control = state.get(at.cr0);
  if ((control & cr0.PG) === 0) {
    result.physical = linear;
    result.writable = true;
    return result;
  }
  const fault = (write ? error.W : 0) | (user ? error.U : 0);
  const directoryAddress = (state.get(at.cr3) & ~0xfff) + (linear >>> 22) * 4;
  const directory = readPhysical(core, directoryAddress);
  if ((directory & entry.P) === 0) pageFault(core, linear, fault);
  if ((directory & entry.PS) !== 0 && (state.get(at.cr4) & cr4.PSE) !== 0) {
    if ((directory & LARGE_RESERVED) !== 0) pageFault(core, linear, fault | error.P | error.RSVD);
    checkRights(core, linear, directory, fault, control);
    markEntry(core, directoryAddress, directory, write ? entry.A | entry.D : entry.A);
    core.largePages = true;
    return finish((directory & ~0x3fffff) | (linear & 0x3fffff), directory, directory, write, user, control);
  }
  const tableAddress = (directory & ~0xfff) + ((linear >>> 12) & 0x3ff) * 4;
  const table = readPhysical(core, tableAddress);
  if ((table & entry.P) === 0) pageFault(core, linear, fault);
  const rights = directory & table;
  checkRights(core, linear, rights, fault, control);
  markEntry(core, directoryAddress, directory, entry.A);
  markEntry(core, tableAddress, table, write ? entry.A | entry.D : entry.A);
  return finish((table & ~0xfff) | (linear & 0xfff), rights, table, write, user, control);
}

/** Supervisor writes heed W only with CR0.WP (SDM 3A 4.6.1). */
function checkRights(core: Core, linear: number, rights: number, fault: number, control: number): void {
  const user = (fault & error.U) !== 0;
  if (user && (rights & entry.U) === 0) pageFault(core, linear, fault | error.P);
  if ((fault & error.W) === 0 || (rights & entry.W) !== 0) return;
  if (user || (control & cr0.WP) !== 0) pageFault(core, linear, fault | error.P);
}

function finish(physical: number, rights: number, leaf: number, write: boolean, user: boolean, control: number): Translation {
  const allowed = (rights & entry.W) !== 0 || (!user && (control & cr0.WP) === 0);
  result.physical = physical;
  result.writable = allowed && (write || (leaf & entry.D) !== 0);
  return result;
}
