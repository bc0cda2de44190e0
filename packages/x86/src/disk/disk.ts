/** Bytes of a sector: the unit of every disk here. */
export const sectorSize = 512;

/**
 * What a disk's contents are kept in. Everything happens before a function returns, so that a run under virtual time does not depend on
 * the host's disks. A function that throws is an error of the medium for the guest, and the machine goes on.
 */
export interface Disk {
  /** Size in sectors, at least 1. */
  readonly sectors: number;
  /** Writes are refused. */
  readonly readOnly: boolean;
  /** What messages call it: the name of its file. */
  readonly name?: string;
  /**
   * The part of the contents that a snapshot of the machine takes along. A disk without one has its contents somewhere else, and has to be
   * as it was when the snapshot is restored.
   */
  readonly own?: OwnBlocks;
  /** Reads whole sectors from `sector` on; all of them exist. */
  read(sector: number, into: Uint8Array): void;
  /** Writes whole sectors. They may get lost until `flush`, but each is then old or new, never a mixture. */
  write(sector: number, bytes: Uint8Array): void;
  /** What has been written survives the end of this process and a loss of power. */
  flush(): void;
  /** Flushes, and gives up what the disk holds of the host. */
  close(): void;
}

/** Blocks of 4,096 bytes that are a disk's own; all others are those of a base that it leaves untouched. */
export interface OwnBlocks {
  /** Undefined when the other blocks are zeros. */
  readonly base: Disk | undefined;
  /** Whether a block is the disk's own. */
  has(block: number): boolean;
  /** Gives a block up: it is again what the base has there. */
  discard(block: number): void;
}

/** Bytes that can be read and written in place: a file, or memory. */
export interface Storage {
  /** Bytes. */
  readonly size: number;
  /** Fills `into` with the bytes from `position` on, all of which are below `size`. */
  read(position: number, into: Uint8Array): void;
  /** Writing beyond the end makes it larger; what lies between is zero. */
  write(position: number, bytes: Uint8Array): void;
  /** What has been written survives a loss of power. */
  sync(): void;
  /** Ends the use of it: nothing is read or written any more. */
  close(): void;
}
