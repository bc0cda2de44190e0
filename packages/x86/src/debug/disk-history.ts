import type { AttachedDisk } from "../disk/attached.ts";
import { blockSize, readBlock, sectorsPerBlock, writeBlock } from "../disk/blocks.ts";
import { MachineError } from "../errors.ts";

/** Contents of single blocks, by number. */
type Blocks = Map<number, Uint8Array>;

/**
 * A disk at a row of instants, as MemoryHistory has RAM. The disk itself always holds the present; what is kept are the contents that were
 * overwritten, each block at most once for each instant.
 */
export class DiskHistory {
  readonly #disk: AttachedDisk;
  /** What the disk had at the last instant, of every block that may be different now. */
  #last: Blocks = new Map();
  /** Element n turns instant n + 1 into instant n. */
  readonly #undo: Blocks[] = [];

  /** The first instant is now. From here on every write is heard of. */
  constructor(disk: AttachedDisk) {
    this.#disk = disk;
    disk.beforeWrite((sector, count) => this.#keep(sector, count));
  }

  /** Bytes that are kept. */
  get size(): number {
    return blockSize * this.#undo.reduce((sum, { size }) => sum + size, this.#last.size);
  }

  /** Bytes that are kept of what was overwritten since the last instant. */
  get sinceLast(): number {
    return blockSize * this.#last.size;
  }

  /** One more instant: now, which is behind the last one. */
  add(): void {
    this.#undo.push(this.#last);
    this.#last = new Map();
  }

  /**
   * Makes the disk what it was at instant `number`, from 0. When that fails it is neither, and to be recalled again: MachineError (`image`).
   */
  recall(number: number): void {
    try {
      // Hears of every write, so that the last instant is not lost.
      for (const [block, contents] of this.#at(number)) writeBlock(this.#disk, block, contents);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new MachineError("image", `${this.#disk.label} cannot be put back to what it was: ${reason}`);
    }
    if (number === this.#undo.length) this.#last.clear();
  }

  /** Forgets all instants after `number`. */
  truncate(number: number): void {
    this.#last = this.#at(number);
    this.#undo.splice(number);
  }

  /** Forgets one instant that is not the last. */
  forget(number: number): void {
    const [later] = this.#undo.splice(number, 1);
    const earlier = this.#undo[number - 1];
    if (later === undefined || earlier === undefined) return;
    // Going back over both at once, what was different at the earlier instant counts.
    for (const [block, contents] of later) if (!earlier.has(block)) earlier.set(block, contents);
  }

  /** The contents at an instant of every block that may be different now. */
  #at(number: number): Blocks {
    const blocks = new Map(this.#last);
    for (let index = this.#undo.length - 1; index >= number; index--)
      for (const [block, contents] of this.#undo[index] ?? []) blocks.set(block, contents);
    return blocks;
  }

  /** What is not kept is as it was at the last instant. */
  #keep(sector: number, count: number): void {
    const end = Math.ceil((sector + count) / sectorsPerBlock);
    for (let block = Math.floor(sector / sectorsPerBlock); block < end; block++)
      if (!this.#last.has(block)) this.#last.set(block, readBlock(this.#disk, block));
  }
}
