import type { DiskBus, DiskOptions } from "../board/disks.ts";
import { type Disk, type OwnBlocks, sectorSize } from "./disk.ts";

/** Hears of sectors that are about to be overwritten. When it throws, nothing is written. */
export type WriteListener = (sector: number, count: number) => void;

/** A disk as a machine has it: who keeps its past hears of every write before it is done. */
export class AttachedDisk implements Disk {
  readonly bus: DiskBus;
  /** What messages call it: its number from 1, and its own name if it has one. */
  readonly label: string;
  readonly own?: OwnBlocks;
  readonly #disk: Disk;
  readonly #listeners = new Set<WriteListener>();

  constructor({ disk, bus = "ata" }: DiskOptions, index: number) {
    this.#disk = disk;
    this.bus = bus;
    if (disk.own !== undefined) this.own = disk.own;
    this.label = `disk ${index + 1}${disk.name === undefined ? "" : ` (${disk.name})`}`;
  }

  get sectors(): number {
    return this.#disk.sectors;
  }

  get readOnly(): boolean {
    return this.#disk.readOnly;
  }

  /** The function that it gives ends that. */
  beforeWrite(listener: WriteListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  read(sector: number, into: Uint8Array): void {
    this.#disk.read(sector, into);
  }

  write(sector: number, bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(sector, bytes.length / sectorSize);
    this.#disk.write(sector, bytes);
  }

  flush(): void {
    this.#disk.flush();
  }

  close(): void {
    this.#disk.close();
  }
}
