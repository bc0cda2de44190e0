import { PAGE } from "../snapshot/pages.ts";

const WORDS = PAGE / 4;

/** Contents of single pages, by page number. */
type Pages = Map<number, Uint8Array>;

function differs(a: Int32Array, b: Int32Array, page: number): boolean {
  const end = (page + 1) * WORDS;
  for (let word = page * WORDS; word < end; word++) if (a[word] !== b[word]) return true;
  return false;
}

/**
 * RAM at a row of instants: a whole copy of the last of them, and for each earlier one the pages that were different then. Costs once the size of RAM,
 * and for each instant what was written until the next.
 */
export class MemoryHistory {
  readonly #ram: Uint8Array;
  readonly #ramWords: Int32Array;
  readonly #last: Uint8Array;
  readonly #lastWords: Int32Array;
  /** Element n turns instant n + 1 into instant n. */
  readonly #undo: Pages[] = [];

  /** The first instant is now. `ram` begins at a multiple of 4 bytes of its buffer. */
  constructor(ram: Uint8Array) {
    this.#ram = ram;
    this.#ramWords = new Int32Array(ram.buffer, ram.byteOffset, ram.length / 4);
    this.#last = ram.slice();
    this.#lastWords = new Int32Array(this.#last.buffer);
  }

  get instants(): number {
    return this.#undo.length + 1;
  }

  /** One more instant: now. */
  add(): void {
    const undo: Pages = new Map();
    for (let page = 0; page < this.#ram.length / PAGE; page++) {
      if (!differs(this.#ramWords, this.#lastWords, page)) continue;
      undo.set(page, this.#last.slice(page * PAGE, (page + 1) * PAGE));
      this.#last.set(this.#ram.subarray(page * PAGE, (page + 1) * PAGE), page * PAGE);
    }
    this.#undo.push(undo);
  }

  /** Makes RAM what it was at instant `number`, from 0. */
  recall(number: number): void {
    this.#ram.set(this.#last);
    for (let index = this.#undo.length - 1; index >= number; index--) apply(this.#undo[index], this.#ram);
  }

  /** Forgets all instants after `number`. */
  truncate(number: number): void {
    for (const undo of this.#undo.splice(number).toReversed()) apply(undo, this.#last);
  }

  /** Forgets one instant that is not the last. */
  forget(number: number): void {
    const [later] = this.#undo.splice(number, 1);
    const earlier = this.#undo[number - 1];
    if (later === undefined || earlier === undefined) return;
    // Going back over both at once, what was different at the earlier instant counts.
    for (const [page, contents] of later) if (!earlier.has(page)) earlier.set(page, contents);
  }
}

function apply(pages: Pages | undefined, memory: Uint8Array): void {
  for (const [page, contents] of pages ?? []) memory.set(contents, page * PAGE);
}
