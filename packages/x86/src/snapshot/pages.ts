import { MachineError } from "../errors.ts";

/** Bytes of a page; memories are whole numbers of pages. */
export const PAGE = 4096;

/** A memory without its pages of zeros. */
export interface SparseMemory {
  /** A bit for each page, the first in bit 0 of the first byte: whether it is in `pages`. */
  readonly present: Uint8Array;
  readonly pages: Uint8Array;
}

function isZero(words: BigUint64Array, page: number): boolean {
  const end = (page + 1) * (PAGE / 8);
  for (let word = page * (PAGE / 8); word < end; word++) if (words[word] !== 0n) return false;
  return true;
}

/** Copies what is not zero. `memory` begins at a multiple of 8 bytes of its buffer. */
export function gather(memory: Uint8Array): SparseMemory {
  const count = memory.length / PAGE;
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length / 8);
  const present = new Uint8Array(Math.ceil(count / 8));
  const kept: number[] = [];
  for (let page = 0; page < count; page++) {
    if (isZero(words, page)) continue;
    present[page >> 3] = (present[page >> 3] ?? 0) | (1 << (page & 7));
    kept.push(page);
  }
  const pages = new Uint8Array(kept.length * PAGE);
  for (const [index, page] of kept.entries()) pages.set(memory.subarray(page * PAGE, (page + 1) * PAGE), index * PAGE);
  return { present, pages };
}

/** Refuses what cannot have been gathered from a memory of `size` bytes. */
export function checkPages({ present, pages }: SparseMemory, size: number): void {
  const count = size / PAGE;
  if (present.length !== Math.ceil(count / 8)) throw new MachineError("snapshot", "snapshot: its page map is not of this memory's size");
  let kept = 0;
  for (let page = 0; page < present.length * 8; page++) if (has(present, page)) kept += page < count ? 1 : Number.NaN;
  if (kept * PAGE !== pages.length) throw new MachineError("snapshot", "snapshot: it has not the pages that its page map tells of");
}

/** Fills a memory with what `checkPages` found to fit. */
export function scatter({ present, pages }: SparseMemory, memory: Uint8Array): void {
  let offset = 0;
  memory.fill(0);
  for (let page = 0; page < memory.length / PAGE; page++) {
    if (!has(present, page)) continue;
    memory.set(pages.subarray(offset, offset + PAGE), page * PAGE);
    offset += PAGE;
  }
}

/** Whether a page is in `pages`. */
export const has = (present: Uint8Array, page: number): boolean => ((present[page >> 3] ?? 0) & (1 << (page & 7))) !== 0;
