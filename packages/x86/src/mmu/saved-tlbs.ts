import type { Core } from "../cpu/core.ts";
import { MachineError } from "../errors.ts";
import { FRAME_SIZE, TLB_COUNT, TLB_ENTRIES, TLB_ENTRY_SIZE, tlb } from "../state/memory.ts";
import { isGlobalEntry, listEntry, tlbAddress } from "./tlb.ts";

/** Words of the saved form: a bit for each 2 MB with parts of a large page, then four words for each entry. */
const HEADER = 64;
const PER_ENTRY = 4;
const ENTRIES = TLB_COUNT * TLB_ENTRIES;
/** What an entry answers. */
const allows = { read: 1, write: 2, execute: 4, global: 8 } as const;
const NO_PAGE = 1;

const isPage = (tag: number): boolean => (tag & (FRAME_SIZE - 1)) === 0;

/** The entries of the TLBs that translate something: slot, linear page, what it allows, physical address of the frame. */
export function saveTlbs(core: Core): Uint8Array {
  const { memory } = core;
  const saved: number[] = Array.from({ length: HEADER }, (_, word) => largePages(core, word));
  for (let slot = 0; slot < ENTRIES; slot++) {
    const entry = tlbAddress(0) + slot * TLB_ENTRY_SIZE;
    const read = memory.word(entry + tlb.read);
    const execute = memory.word(entry + tlb.execute);
    if (!isPage(read) && !isPage(execute)) continue;
    const page = isPage(read) ? read : execute;
    const bits =
      (isPage(read) ? allows.read : 0) |
      (isPage(memory.word(entry + tlb.write)) ? allows.write : 0) |
      (isPage(execute) ? allows.execute : 0) |
      (isGlobalEntry(core, entry) ? allows.global : 0);
    saved.push(slot, page, bits, ((page + memory.word(entry + tlb.addend)) >>> 0) - memory.ramBase);
  }
  return new Uint8Array(Int32Array.from(saved).buffer);
}

function largePages({ tlbs }: Core, word: number): number {
  let bits = 0;
  for (let bit = 0; bit < 32; bit++) bits |= (tlbs.large[word * 32 + bit] ?? 0) << bit;
  return bits;
}

/** The words of saved entries; each must lie in RAM and in the slot of its page. */
export function readTlbs(core: Core, saved: Uint8Array): Int32Array {
  const refuse = (): never => {
    throw new MachineError("snapshot", "snapshot: the processor's TLB holds an entry that no page table can have made");
  };
  if (saved.length < HEADER * 4 || (saved.length / 4 - HEADER) % PER_ENTRY !== 0) refuse();
  const { memory } = core;
  const words = new Int32Array(saved.slice().buffer);
  for (let index = HEADER; index < words.length; index += PER_ENTRY) {
    const [slot = -1, page = 0, bits = 0, frame = 0] = words.subarray(index, index + PER_ENTRY);
    const fits = slot >= 0 && slot < ENTRIES && slot % TLB_ENTRIES === ((page >>> 12) & (TLB_ENTRIES - 1));
    const physical = frame >>> 0;
    if (!fits || !isPage(page) || !isPage(physical) || physical >= memory.ramSize || bits >>> 0 > 15) refuse();
  }
  return words;
}

/** Puts entries that `readTlbs` has checked into empty TLBs. */
export function fillTlbs(core: Core, words: Int32Array): void {
  const { memory } = core;
  for (let region = 0; region < HEADER * 32; region++) core.tlbs.large[region] = ((words[region >>> 5] ?? 0) >>> (region & 31)) & 1;
  for (let index = HEADER; index < words.length; index += PER_ENTRY) {
    const [slot = 0, page = 0, bits = 0, frame = 0] = words.subarray(index, index + PER_ENTRY);
    const entry = tlbAddress(0) + slot * TLB_ENTRY_SIZE;
    memory.setWord(entry + tlb.read, (bits & allows.read) !== 0 ? page : NO_PAGE);
    memory.setWord(entry + tlb.write, (bits & allows.write) !== 0 ? page : NO_PAGE);
    memory.setWord(entry + tlb.execute, (bits & allows.execute) !== 0 ? page : NO_PAGE);
    memory.setWord(entry + tlb.addend, memory.ramBase + (frame >>> 0) - page);
    listEntry(core, entry, (bits & allows.global) !== 0);
  }
}
