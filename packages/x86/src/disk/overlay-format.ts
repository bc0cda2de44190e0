import { MachineError } from "../errors.ts";
import { crc32 } from "../snapshot/crc32.ts";
import { blocksOf, blockSize } from "./blocks.ts";
import { type Disk, sectorSize, type Storage } from "./disk.ts";

/**
 * An overlay file, which holds the blocks of a disk that differ from its base. All numbers are little-endian.
 *
 *       0  "MercuryO"         8 bytes that say what it is
 *       8  version            32 bits
 *      12  block size         32 bits: 4,096
 *      16  sectors            64 bits: of the base
 *      24  fingerprint        32 bits: CRC-32 of the base's first and last sectors
 *      28  CRC-32             of the 28 bytes before
 *    4096  table              for each block 64 bits: the slot that holds it, 0 when the base does, and the CRC-32 of its contents
 *       .  slots              of 4,096 bytes, on a 4,096-byte boundary; the first one is number 1
 *
 * A block is always written to a slot that the table in the file does not name; the table's entry follows when the slot is safe. An entry does
 * not cross a sector, so an interrupted write leaves the old block or the new one.
 */
export const entrySize = 8;
const magic: Uint8Array = new TextEncoder().encode("MercuryO");
const version = 1;
const field = { version: 8, blockSize: 12, sectors: 16, fingerprint: 24, checksum: 28 } as const;
const headerBytes = 32;
export const tableStart = 4096;
/** A table of 64 MB, which is kept in memory. */
const mostBlocks = 2 ** 23;
/** Sectors at each end of the base that make its fingerprint. */
const fingerprintSectors = 128;

/** Where the parts of an overlay for a base lie. */
export interface OverlayLayout {
  readonly blocks: number;
  /** Position of slot 1. */
  readonly slots: number;
}

export function layoutFor(base: Disk): OverlayLayout {
  const blocks = blocksOf(base);
  if (blocks > mostBlocks)
    throw new MachineError("configuration", `overlays are for disks of up to ${(mostBlocks * blockSize) / 2 ** 30} GB; this one is larger`);
  return { blocks, slots: Math.ceil((tableStart + blocks * entrySize) / blockSize) * blockSize };
}

function fingerprint(base: Disk): number {
  const count = Math.min(base.sectors, fingerprintSectors);
  const ends = new Uint8Array(2 * count * sectorSize);
  base.read(0, ends.subarray(0, count * sectorSize));
  base.read(base.sectors - count, ends.subarray(count * sectorSize));
  return crc32(ends);
}

function headerFor(base: Disk): Uint8Array {
  const header = new Uint8Array(tableStart);
  const view = new DataView(header.buffer);
  header.set(magic);
  view.setUint32(field.version, version, true);
  view.setUint32(field.blockSize, blockSize, true);
  view.setBigUint64(field.sectors, BigInt(base.sectors), true);
  view.setUint32(field.fingerprint, fingerprint(base), true);
  view.setUint32(field.checksum, crc32(header.subarray(0, field.checksum)), true);
  return header;
}

function refuse(offset: number, reason: string): never {
  throw new MachineError("image", `offset ${offset}: ${reason}`);
}

/** Makes an empty storage an overlay, or checks that it is one for this base. */
export function openHeader(storage: Storage, base: Disk): void {
  const wanted = headerFor(base);
  if (storage.size === 0) {
    storage.write(0, wanted);
    storage.sync();
    return;
  }
  const header = new Uint8Array(headerBytes);
  storage.read(0, header);
  const view = new DataView(header.buffer);
  if (magic.some((value, index) => header[index] !== value)) refuse(0, "not an overlay of Mercury's: its mark is missing");
  if (storage.size < tableStart || view.getUint32(field.checksum, true) !== crc32(header.subarray(0, field.checksum)))
    refuse(field.checksum, "the overlay's header is damaged: its checksum does not fit");
  const found = view.getUint32(field.version, true);
  if (found !== version) refuse(field.version, `an overlay of version ${found}; this program reads version ${version}`);
  if (view.getUint32(field.blockSize, true) !== blockSize) refuse(field.blockSize, "an overlay of another block size");
  const sectors = Number(view.getBigUint64(field.sectors, true));
  if (sectors !== base.sectors) refuse(field.sectors, `the overlay is for a disk of ${sectors} sectors, and this one has ${base.sectors}`);
  if (view.getUint32(field.fingerprint, true) !== new DataView(wanted.buffer).getUint32(field.fingerprint, true))
    refuse(field.fingerprint, "the overlay is for another disk, or the disk has changed since: the contents at its ends differ");
}

/** Reads and checks the table: slot and checksum for each block. */
export function readTable(storage: Storage, { blocks, slots }: OverlayLayout): Uint32Array {
  const bytes = new Uint8Array(blocks * entrySize);
  // Its end is written with the header alone, or with the first slot.
  if (storage.size > tableStart && storage.size < slots) refuse(storage.size, "the overlay ends within its table: the file is cut off");
  const there = Math.max(0, Math.min(bytes.length, storage.size - tableStart));
  storage.read(tableStart, bytes.subarray(0, there));
  const view = new DataView(bytes.buffer);
  const table = Uint32Array.from({ length: blocks * 2 }, (_, index) => view.getUint32(4 * index, true));
  const used = new Set<number>();
  for (let block = 0; block < blocks; block++) {
    const slot = table[2 * block] ?? 0;
    if (slot === 0) continue;
    const offset = tableStart + block * entrySize;
    if (slots + slot * blockSize > storage.size) refuse(offset, `block ${block} lies beyond the end of the overlay: the file is cut off`);
    if (used.has(slot)) refuse(offset, `block ${block} lies where another one lies: the overlay is damaged`);
    used.add(slot);
  }
  return table;
}
