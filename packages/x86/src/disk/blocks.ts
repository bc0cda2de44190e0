import { type Disk, sectorSize } from "./disk.ts";

/** Bytes of a block: the unit in which changes of a disk are kept. */
export const blockSize = 4096;
export const sectorsPerBlock: number = blockSize / sectorSize;

/** Blocks of a disk; the last may be a part of one. */
export function blocksOf(disk: Pick<Disk, "sectors">): number {
  return Math.ceil(disk.sectors / sectorsPerBlock);
}

/** Bytes of a block that are on the disk. */
export function blockLength(disk: Pick<Disk, "sectors">, block: number): number {
  return Math.min(sectorsPerBlock, disk.sectors - block * sectorsPerBlock) * sectorSize;
}

/** The contents of a block. */
export function readBlock(disk: Disk, block: number): Uint8Array {
  const contents = new Uint8Array(blockLength(disk, block));
  disk.read(block * sectorsPerBlock, contents);
  return contents;
}

/** Writes a block; of one that ends behind the disk, the part that is on it. */
export function writeBlock(disk: Disk, block: number, contents: Uint8Array): void {
  disk.write(block * sectorsPerBlock, contents.subarray(0, blockLength(disk, block)));
}
