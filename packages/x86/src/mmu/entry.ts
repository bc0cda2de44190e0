import type { Core } from "../cpu/core.ts";
import { raise, vector } from "../cpu/exceptions.ts";
import { at, cr0, cr4, efer } from "../state/layout.ts";

/** Bits of page-directory and page-table entries (SDM 3A 4.3). */
export const entry = { P: 1, W: 2, U: 4, A: 0x20, D: 0x40, PS: 0x80, G: 0x100 } as const;

/** Bits of a page fault's error code (SDM 3A 4.7); W, U and I describe the access and serve as its name as well. */
export const error = { P: 1, W: 2, U: 4, RSVD: 8, I: 0x10 } as const;

/** A translation: where the page is, and what needs no further check. */
export interface Translation {
  /** Physical address of the byte asked for, up to 36 bits. */
  physical: number;
  /** Writes need no check and no dirty bit. */
  writable: boolean;
  /** Instructions may be fetched. */
  executable: boolean;
  /** Survives loads of CR3 (SDM 3A 4.10.2.4). */
  global: boolean;
  /** Part of a page of 2 or 4 MB. */
  large: boolean;
}

/** A 32-bit word of physical memory, signed. */
export function readPhysical(core: Core, physical: number): number {
  const { memory } = core;
  if (physical + 4 <= memory.ramSize) return memory.word(memory.ramBase + physical);
  return core.bus.readMemory(physical, 4) | 0;
}

/** A and D bits are set by the processor; tables are data, so decoded code in the same frame is told. */
export function markEntry(core: Core, physical: number, value: number, bits: number): void {
  if ((value & bits) === bits) return;
  const { memory } = core;
  if (physical + 4 > memory.ramSize) {
    core.bus.writeMemory(physical, 4, (value | bits) >>> 0);
    return;
  }
  core.code?.invalidate(memory.ramBase + physical, 4);
  memory.setWord(memory.ramBase + physical, value | bits);
}

/** NX bits mean something (SDM 3A 4.1.4). */
export function noExecuteEnabled(core: Core): boolean {
  return (core.state.get(at.cr4) & cr4.PAE) !== 0 && (core.state.get(at.efer) & efer.NXE) !== 0;
}

/** I/D is told only where pages may forbid fetches (SDM 3A 4.7). */
export function pageFault(core: Core, linear: number, code: number): never {
  core.state.set(at.cr2, linear);
  return raise(core, vector.PF, noExecuteEnabled(core) ? code : code & ~error.I);
}

/**
 * Whether the combined rights of all levels allow an access; else #PF. `rights` has W and U of every level, `noExecute` is
 * NX of any (SDM 3A 4.6.1). Supervisor writes heed W only with CR0.WP.
 */
export function checkRights(core: Core, linear: number, rights: number, access: number, noExecute = false): void {
  const user = (access & error.U) !== 0;
  if (user && (rights & entry.U) === 0) pageFault(core, linear, access | error.P);
  if (noExecute && (access & error.I) !== 0) pageFault(core, linear, access | error.P);
  if ((access & error.W) === 0 || (rights & entry.W) !== 0) return;
  if (user || (core.state.get(at.cr0) & cr0.WP) !== 0) pageFault(core, linear, access | error.P);
}

/** What `leaf`, the entry of the page itself, and the combined rights give, after an access that they allow. */
export function describe(core: Core, result: Translation, leaf: number, rights: number, access: number): void {
  const supervisor = (access & error.U) === 0 && (core.state.get(at.cr0) & cr0.WP) === 0;
  result.writable = ((rights & entry.W) !== 0 || supervisor) && ((access & error.W) !== 0 || (leaf & entry.D) !== 0);
  result.global = (leaf & entry.G) !== 0 && (core.state.get(at.cr4) & cr4.PGE) !== 0;
}
