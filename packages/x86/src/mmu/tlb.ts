import type { Core } from "../cpu/core.ts";
import { at } from "../state/layout.ts";
import { FRAME_SIZE, MachineMemory, TLB_BYTES, TLB_COUNT, TLB_ENTRY_SIZE, tlb } from "../state/memory.ts";

/** Tags are page addresses, so an odd number matches none. */
const NO_PAGE = 1;

/** The TLB of a privilege level: ring 0, rings 1 and 2, ring 3. */
export function tlbOf(cpl: number): number {
  if (cpl === 0) return 0;
  return cpl === 3 ? 2 : 1;
}

export function tlbAddress(index: number): number {
  return MachineMemory.tlbBase + index * TLB_BYTES;
}

export function entryAddress(index: number, linear: number): number {
  return tlbAddress(index) + ((linear >>> 8) & 0xfff0);
}

export function flushTlb(core: Core, index: number): void {
  if ((core.filledTlbs & (1 << index)) === 0) return;
  core.filledTlbs &= ~(1 << index);
  const start = tlbAddress(index) >> 2;
  core.memory.words.fill(NO_PAGE, start, start + (TLB_BYTES >> 2));
}

export function flushAllTlbs(core: Core): void {
  for (let index = 0; index < TLB_COUNT; index++) flushTlb(core, index);
  core.largePages = false;
}

/** INVLPG: a 4 MB page may be spread over many entries. */
export function flushPage(core: Core, linear: number): void {
  if (core.largePages) {
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
  const { memory } = core;
  for (let index = 0; index < TLB_COUNT; index++) {
    if ((core.filledTlbs & (1 << index)) === 0) continue;
    const end = tlbAddress(index) + TLB_BYTES;
    for (let entry = tlbAddress(index); entry < end; entry += TLB_ENTRY_SIZE) {
      const page = memory.word(entry + tlb.write);
      if (page !== NO_PAGE && ((page + memory.word(entry + tlb.addend)) | 0) === (frameHost | 0))
        memory.setWord(entry + tlb.write, NO_PAGE);
    }
  }
}

/**
 * Lets generated code reach a frame of RAM at `frameHost`. `writable`: writes need no further checks, the dirty bit
 * is set. Data beyond the flat limit and writes to code stay on the slow path.
 */
export function fillTlb(core: Core, index: number, linear: number, frameHost: number, writable: boolean): void {
  const { memory, state } = core;
  const entry = entryAddress(index, linear);
  const page = linear & -FRAME_SIZE;
  if (memory.word(entry + tlb.execute) !== page) clearEntry(core, entry);
  core.filledTlbs |= 1 << index;
  memory.setWord(entry + tlb.addend, frameHost - page);
  memory.setWord(entry + tlb.execute, page);
  if ((page | (FRAME_SIZE - 1)) >>> 0 > state.get(at.flatLimit + index * 4) >>> 0) return;
  memory.setWord(entry + tlb.read, page);
  const frame = (frameHost - memory.ramBase) / FRAME_SIZE;
  if (writable && memory.word(memory.codeMap + frame * 4) === 0) memory.setWord(entry + tlb.write, page);
}
