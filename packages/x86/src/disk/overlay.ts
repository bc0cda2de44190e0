import { crc32 } from "../snapshot/crc32.ts";
import { blockLength, blockSize, sectorsPerBlock } from "./blocks.ts";
import { type Disk, type OwnBlocks, sectorSize, type Storage } from "./disk.ts";
import { entrySize, layoutFor, openHeader, type OverlayLayout, readTable, tableStart } from "./overlay-format.ts";

/** Blocks whose entries wait to be written: more of them are written without being asked. */
const mostPending = 4096;

/**
 * A disk whose base stays untouched: what is written goes to `storage`, in the format of overlay-format.ts. An empty storage becomes a new overlay.
 * Throws a MachineError: `image` with offset and reason for a storage that is no overlay, one for another disk, or a damaged one.
 */
export function overlayDisk(base: Disk, storage: Storage): Disk {
  const layout = layoutFor(base);
  openHeader(storage, base);
  return new Overlay(base, storage, layout);
}

class Overlay implements Disk {
  readonly sectors: number;
  readonly readOnly = false;
  readonly name?: string;
  readonly own: OwnBlocks;
  readonly #base: Disk;
  readonly #storage: Storage;
  readonly #layout: OverlayLayout;
  /** Slot and checksum of each block, as the guest has to see it. */
  readonly #table: Uint32Array;
  /** Blocks whose entry in the file is still an older one. Their slots are not named in the file. */
  readonly #pending = new Set<number>();
  /** Slots that nobody names, and those that only the file's old entries name. */
  readonly #free: number[] = [];
  readonly #retired: number[] = [];
  #nextSlot: number;
  readonly #block = new Uint8Array(blockSize);

  constructor(base: Disk, storage: Storage, layout: OverlayLayout) {
    this.sectors = base.sectors;
    if (base.name !== undefined) this.name = base.name;
    this.own = { base, has: (block) => this.#slot(block) !== 0, discard: (block) => this.#discard(block) };
    this.#base = base;
    this.#storage = storage;
    this.#layout = layout;
    this.#table = readTable(storage, layout);
    const used = new Set(this.#table.filter((_, index) => index % 2 === 0));
    this.#nextSlot = Math.floor(Math.max(0, storage.size - layout.slots) / blockSize) + 1;
    for (let slot = this.#nextSlot - 1; slot > 0; slot--) if (!used.has(slot)) this.#free.push(slot);
  }

  read(sector: number, into: Uint8Array): void {
    this.#pieces(sector, into, (block, offset, part) => {
      this.#readBlock(block);
      part.set(this.#block.subarray(offset, offset + part.length));
    });
  }

  write(sector: number, bytes: Uint8Array): void {
    this.#pieces(sector, bytes, (block, offset, part) => {
      if (part.length < blockSize) this.#readBlock(block);
      this.#block.set(part, offset);
      this.#writeBlock(block);
    });
    this.#limitPending();
  }

  flush(): void {
    if (this.#pending.size === 0) return;
    this.#storage.sync();
    const entry = new Uint8Array(entrySize);
    const view = new DataView(entry.buffer);
    for (const block of this.#pending) {
      view.setUint32(0, this.#slot(block), true);
      view.setUint32(4, this.#table[2 * block + 1] ?? 0, true);
      this.#storage.write(tableStart + block * entrySize, entry);
    }
    this.#storage.sync();
    this.#pending.clear();
    this.#free.push(...this.#retired.splice(0));
  }

  close(): void {
    try {
      this.flush();
    } finally {
      this.#storage.close();
      this.#base.close();
    }
  }

  /** Calls `each` for the part of every block that a range of sectors covers. */
  #pieces(sector: number, bytes: Uint8Array, each: (block: number, offset: number, part: Uint8Array) => void): void {
    let position = sector * sectorSize;
    for (let done = 0; done < bytes.length;) {
      const offset = position % blockSize;
      const length = Math.min(blockSize - offset, bytes.length - done);
      each((position - offset) / blockSize, offset, bytes.subarray(done, done + length));
      position += length;
      done += length;
    }
  }

  #slot(block: number): number {
    return this.#table[2 * block] ?? 0;
  }

  #position(slot: number): number {
    return this.#layout.slots + (slot - 1) * blockSize;
  }

  #readBlock(block: number): void {
    const slot = this.#slot(block);
    if (slot === 0) {
      this.#readBase(block);
      return;
    }
    this.#storage.read(this.#position(slot), this.#block);
    if (crc32(this.#block) !== this.#table[2 * block + 1])
      throw new Error(`block ${block} of the overlay is damaged: its checksum does not fit`);
  }

  /** The last block of a disk may be a part of one. */
  #readBase(block: number): void {
    const length = blockLength(this, block);
    this.#block.fill(0, length);
    this.#base.read(block * sectorsPerBlock, this.#block.subarray(0, length));
  }

  /** Always to a slot that nothing names, so that a write which fails leaves the block as it was. */
  #writeBlock(block: number): void {
    const slot = this.#free.pop() ?? this.#nextSlot++;
    try {
      this.#storage.write(this.#position(slot), this.#block);
    } catch (error) {
      this.#free.push(slot);
      throw error;
    }
    this.#name(block, slot, crc32(this.#block));
  }

  #discard(block: number): void {
    if (this.#slot(block) === 0) return;
    this.#name(block, 0, 0);
    this.#limitPending();
  }

  /** Makes a slot that of a block. */
  #name(block: number, slot: number, checksum: number): void {
    const before = this.#slot(block);
    // A slot that the file does not name yet is free at once.
    if (before !== 0) (this.#pending.has(block) ? this.#free : this.#retired).push(before);
    this.#table[2 * block] = slot;
    this.#table[2 * block + 1] = checksum;
    this.#pending.add(block);
  }

  #limitPending(): void {
    if (this.#pending.size > mostPending) this.flush();
  }
}
