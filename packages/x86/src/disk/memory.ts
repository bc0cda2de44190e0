import { MachineError } from "../errors.ts";
import { blockLength, readBlock, writeBlock } from "./blocks.ts";
import { type Disk, type OwnBlocks, sectorSize, type Storage } from "./disk.ts";

/** Memory as storage; it grows as it is written. */
export class MemoryStorage implements Storage {
  #bytes: Uint8Array;
  #size: number;

  constructor(contents: Uint8Array = new Uint8Array(0)) {
    this.#bytes = contents;
    this.#size = contents.length;
  }

  get size(): number {
    return this.#size;
  }

  /** The bytes as they are now. */
  get contents(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  read(position: number, into: Uint8Array): void {
    into.set(this.#bytes.subarray(position, position + into.length));
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.contents);
      this.#bytes = larger;
    }
    this.#size = Math.max(this.#size, end);
    this.#bytes.set(bytes, position);
  }

  sync(): void {}
  close(): void {}
}

/** A disk in an array, which it changes: what it holds is gone with the process. Throws a MachineError for a length of no whole sectors. */
export function memoryDisk(contents: Uint8Array, readOnly = false): Disk {
  return rawDisk(new MemoryStorage(contents), readOnly);
}

/** Of memory everything is the disk's own but zeros. */
function ownOf(disk: Disk): OwnBlocks {
  return {
    base: undefined,
    has: (block) => readBlock(disk, block).some((byte) => byte !== 0),
    discard: (block) => writeBlock(disk, block, new Uint8Array(blockLength(disk, block))),
  };
}

/**
 * A disk image without a format: its bytes are the disk's. `name` is what messages call it. Throws a MachineError (`image`) for a size of no whole sectors.
 */
export function rawDisk(storage: Storage, readOnly: boolean, name?: string): Disk {
  const { size } = storage;
  if (size === 0 || size % sectorSize !== 0)
    throw new MachineError("image", `a disk image of ${size} bytes: it must be whole sectors of ${sectorSize} bytes, at least one`);
  const disk: Disk = {
    sectors: size / sectorSize,
    readOnly,
    ...(name !== undefined && { name }),
    read: (sector, into) => storage.read(sector * sectorSize, into),
    write: (sector, bytes) => storage.write(sector * sectorSize, bytes),
    flush: () => storage.sync(),
    close() {
      try {
        if (!readOnly) storage.sync();
      } finally {
        storage.close();
      }
    },
  };
  return storage instanceof MemoryStorage && !readOnly ? { ...disk, own: ownOf(disk) } : disk;
}
