import type { Core } from "../cpu/core.ts";
import { MachineError } from "../errors.ts";
import { FRAME_SIZE, TLB_COUNT, TLB_ENTRIES, TLB_ENTRY_SIZE, tlb } from "../state/memory.ts";
import { tlbAddress } from "./tlb.ts";

/** Words of the saved form: whether an entry of a 4 MB page is among them, then five for each entry. */
const HEADER = 1;
const PER_ENTRY = 5;
const ENTRIES = TLB_COUNT * TLB_ENTRIES;

const isPage = (tag: number): boolean => (tag & (FRAME_SIZE - 1)) === 0;

/** The entries of the TLBs that translate something: slot, read, write and execute tag, physical address of the frame. */
export function saveTlbs(core: Core): Uint8Array {
  const { memory } = core;
  const saved: number[] = [core.largePages ? 1 : 0];
  for (let slot = 0; slot < ENTRIES; slot++) {
    const entry = tlbAddress(0) + slot * TLB_ENTRY_SIZE;
    const execute = memory.word(entry + tlb.execute);
    if (!isPage(execute)) continue;
    const frame = ((execute + memory.word(entry + tlb.addend)) >>> 0) - memory.ramBase;
    saved.push(slot, memory.word(entry + tlb.read), memory.word(entry + tlb.write), execute, frame);
  }
  return new Uint8Array(Int32Array.from(saved).buffer);
}

/** The words of saved entries; each must lie in RAM, and its tags must be its own page or none. */
export function readTlbs(core: Core, saved: Uint8Array): Int32Array {
  const refuse = (): never => {
    throw new MachineError("snapshot", "snapshot: the processor's TLB holds an entry that no page table can have made");
  };
  if (saved.length % 4 !== 0 || (saved.length / 4 - HEADER) % PER_ENTRY !== 0) refuse();
  const { memory } = core;
  const words = new Int32Array(saved.slice().buffer);
  for (let index = HEADER; index < words.length; index += PER_ENTRY) {
    const [slot = -1, read = 0, write = 0, execute = 0, frame = 0] = words.subarray(index, index + PER_ENTRY);
    const fits = slot >= 0 && slot < ENTRIES && slot % TLB_ENTRIES === ((execute >>> 12) & (TLB_ENTRIES - 1));
    const physical = frame >>> 0;
    if (!fits || !isPage(execute) || !isPage(physical) || physical >= memory.ramSize) refuse();
    if ((isPage(read) && read !== execute) || (isPage(write) && write !== execute)) refuse();
  }
  return words;
}

/** Puts entries that `readTlbs` has checked into empty TLBs. */
export function fillTlbs(core: Core, words: Int32Array): void {
  const { memory } = core;
  core.largePages = words[0] === 1;
  for (let index = HEADER; index < words.length; index += PER_ENTRY) {
    const [slot = 0, read = 0, write = 0, execute = 0, frame = 0] = words.subarray(index, index + PER_ENTRY);
    const entry = tlbAddress(0) + slot * TLB_ENTRY_SIZE;
    memory.setWord(entry + tlb.read, read);
    memory.setWord(entry + tlb.write, write);
    memory.setWord(entry + tlb.execute, execute);
    memory.setWord(entry + tlb.addend, memory.ramBase + (frame >>> 0) - execute);
    core.filledTlbs |= 1 << Math.floor(slot / TLB_ENTRIES);
  }
}
