import type { Core } from "../cpu/core.ts";
import { at, cr0, eflags } from "../state/layout.ts";
import { FRAME_SIZE, MachineMemory, TLB_BYTES, TLB_COUNT, TLB_ENTRIES, TLB_ENTRY_SIZE, tlb } from "../state/memory.ts";
import type { Translation } from "./entry.ts";

/** Tags are page addresses, so an odd number matches none. */
const NO_PAGE = 1;

/** Ring 3 with alignment checks: no data is found in its TLB, so that every access passes the host. */
const CHECKED = 3;

/** The TLB of a privilege level: ring 0, rings 1 and 2, ring 3. */
export function tlbOf(cpl: number): number {
  if (cpl === 0) return 0;
  return cpl === 3 ? 2 : 1;
}

/** AM, AC and CPL 3 (SDM 3A 6.15, interrupt 17). */
export function checksAlignment(core: Core): boolean {
  const { state } = core;
  return core.cpl === 3 && (state.get(at.eflags) & eflags.AC) !== 0 && (state.get(at.cr0) & cr0.AM) !== 0;
}

/** The TLB in use. */
export function tlbIndex(core: Core): number {
  return checksAlignment(core) ? CHECKED : tlbOf(core.cpl);
}

export function tlbAddress(index: number): number {
  return MachineMemory.tlbBase + index * TLB_BYTES;
}

export function entryAddress(index: number, linear: number): number {
  return tlbAddress(index) + ((linear >>> 8) & 0xfff0);
}

/** Bits of `TlbContents.flags`. */
const flag = { local: 1, global: 2, isGlobal: 4 } as const;

/** What stands in the TLBs besides what generated code sees; a flush throws away all of it. */
export class TlbContents {
  /** By entry of all TLBs: on which lists it is, and whether it holds a global page. */
  readonly flags: Uint8Array = new Uint8Array(TLB_COUNT * TLB_ENTRIES);
  /** Addresses of entries that have been filled, so that a flush touches no others. */
  readonly locals: Int32Array = new Int32Array(TLB_COUNT * TLB_ENTRIES);
  localCount = 0;
  readonly globals: Int32Array = new Int32Array(TLB_COUNT * TLB_ENTRIES);
  globalCount = 0;
  /** By 2 MB of linear address: parts of a large page may be in a TLB. */
  readonly large: Uint8Array = new Uint8Array(2048);
}

const numberOf = (entry: number): number => (entry - MachineMemory.tlbBase) / TLB_ENTRY_SIZE;

/** Makes all entries invalid, whatever they were. */
export function emptyTlbs(core: Core): void {
  const start = MachineMemory.tlbBase >> 2;
  core.memory.words.fill(NO_PAGE, start, start + ((TLB_COUNT * TLB_BYTES) >> 2));
  core.tlbs = new TlbContents();
}

/** One TLB, when its flat limit changes. */
export function flushTlb(core: Core, index: number): void {
  const start = tlbAddress(index) >> 2;
  core.memory.words.fill(NO_PAGE, start, start + (TLB_BYTES >> 2));
}

/** A load of CR3: all but global pages. */
export function flushLocalPages(core: Core): void {
  const { flags, locals, localCount } = core.tlbs;
  for (let index = 0; index < localCount; index++) {
    const entry = locals[index] ?? 0;
    const number = numberOf(entry);
    const state = flags[number] ?? 0;
    flags[number] = state & ~flag.local;
    if ((state & flag.isGlobal) === 0) clearEntry(core, entry);
  }
  core.tlbs.localCount = 0;
}

export function flushAllTlbs(core: Core): void {
  flushLocalPages(core);
  const { flags, globals, globalCount, large } = core.tlbs;
  for (let index = 0; index < globalCount; index++) {
    const entry = globals[index] ?? 0;
    flags[numberOf(entry)] = 0;
    clearEntry(core, entry);
  }
  core.tlbs.globalCount = 0;
  large.fill(0);
}

/** INVLPG, global pages included: a page of 2 or 4 MB may be spread over many entries (SDM 3A 4.10.4.1). */
export function flushPage(core: Core, linear: number): void {
  if (core.tlbs.large[linear >>> 21] !== 0) {
    flushAllTlbs(core);
    return;
  }
  for (let index = 0; index < TLB_COUNT; index++) clearEntry(core, entryAddress(index, linear));
}

function clearEntry(core: Core, entry: number): void {
  const { memory } = core;
  memory.setWord(entry + tlb.read, NO_PAGE);
  memory.setWord(entry + tlb.write, NO_PAGE);
  memory.setWord(entry + tlb.execute, NO_PAGE);
}

/** Stops fast writes to a frame that code has been decoded from, whatever linear addresses it has. */
export function protectFrame(core: Core, frameHost: number): void {
  const { locals, localCount, globals, globalCount } = core.tlbs;
  protectEntries(core, frameHost, locals, localCount);
  protectEntries(core, frameHost, globals, globalCount);
}

function protectEntries(core: Core, frameHost: number, entries: Int32Array, count: number): void {
  const { memory } = core;
  for (let index = 0; index < count; index++) {
    const entry = entries[index] ?? 0;
    const page = memory.word(entry + tlb.write);
    if (page !== NO_PAGE && ((page + memory.word(entry + tlb.addend)) | 0) === (frameHost | 0)) memory.setWord(entry + tlb.write, NO_PAGE);
  }
}

/** Remembers that an entry is filled, so that a flush finds it. */
export function listEntry({ tlbs }: Core, entry: number, global: boolean): void {
  const number = numberOf(entry);
  const before = tlbs.flags[number] ?? 0;
  if (global) {
    if ((before & flag.global) === 0) tlbs.globals[tlbs.globalCount++] = entry;
    tlbs.flags[number] = before | flag.global | flag.isGlobal;
  } else {
    if ((before & flag.local) === 0) tlbs.locals[tlbs.localCount++] = entry;
    tlbs.flags[number] = (before | flag.local) & ~flag.isGlobal;
  }
}

export function isGlobalEntry({ tlbs }: Core, entry: number): boolean {
  return ((tlbs.flags[numberOf(entry)] ?? 0) & flag.isGlobal) !== 0;
}

/**
 * Lets generated code reach a frame of RAM at `frameHost` as far as `translation` needs no further checks. Data beyond
 * the flat limit, what breakpoints watch, and writes to code stay on the slow path.
 */
export function fillTlb(core: Core, index: number, linear: number, frameHost: number, translation: Translation): void {
  const { memory, state } = core;
  const entry = entryAddress(index, linear);
  const page = linear & -FRAME_SIZE;
  const known = memory.word(entry + tlb.execute) === page || memory.word(entry + tlb.read) === page;
  if (!known || memory.word(entry + tlb.addend) !== ((frameHost - page) | 0)) clearEntry(core, entry);
  listEntry(core, entry, translation.global);
  // Both halves of a 4 MB page.
  if (translation.large) core.tlbs.large.fill(1, (linear >>> 21) & ~1, ((linear >>> 21) | 1) + 1);
  memory.setWord(entry + tlb.addend, frameHost - page);
  if (translation.executable) memory.setWord(entry + tlb.execute, page);
  if (index === CHECKED || core.breakpoints.watchesPage(page)) return;
  if ((page | (FRAME_SIZE - 1)) >>> 0 > state.get(at.flatLimit + index * 4) >>> 0) return;
  memory.setWord(entry + tlb.read, page);
  const frame = (frameHost - memory.ramBase) / FRAME_SIZE;
  if (translation.writable && memory.word(memory.codeMap + frame * 4) === 0) memory.setWord(entry + tlb.write, page);
}
