import type { DiskBus } from "../board/disks.ts";
import type { AttachedDisk } from "../disk/attached.ts";
import { blocksOf, readBlock, writeBlock } from "../disk/blocks.ts";
import { type Disk, sectorSize } from "../disk/disk.ts";
import { MachineError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import { checkPages, has, PAGE, type SparseMemory } from "./pages.ts";
import { bytes, dword, flag, list, oneOf, optional, record, type Shape, whole } from "./shape.ts";

/** What a machine for a snapshot must have as a disk. */
export interface DiskDescription {
  readonly bus: DiskBus;
  readonly readOnly: boolean;
  readonly sectors: number;
}

/** A disk in a snapshot. */
export interface DiskState extends DiskDescription {
  /** CRC-32 of what the snapshot has not itself: of all contents, or with `blocks` of all contents of the base; null for a disk in memory, which has none. */
  readonly checksum: number | null;
  /** The blocks that are the disk's own (OwnBlocks), a page each. */
  readonly blocks: SparseMemory | null;
}

/** Own contents that a snapshot takes. */
const mostOwn = 2 ** 30;
const mostSectors = 2 ** 40;
const mostDisks = 32;
/** Bytes read at once. */
const piece = 1 << 20;

export const diskShape: Shape<DiskState[]> = list(
  record<DiskState>({
    bus: oneOf("ata", "virtio"),
    readOnly: flag,
    sectors: whole(1, mostSectors),
    checksum: optional(dword),
    blocks: optional(record<SparseMemory>({ present: bytes, pages: bytes })),
  }),
  { most: mostDisks },
);

function refuse(disk: AttachedDisk, why: string): never {
  throw new MachineError("snapshot", `snapshot: ${disk.label} ${why}`);
}

/** Does something with a disk; what the host says against it is said of the disk. */
function using<Result>(disk: AttachedDisk, what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof MachineError) throw error;
    return refuse(disk, `cannot be ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** CRC-32 of all contents. */
function checksum(disk: Disk): number {
  let sum = 0;
  const buffer = new Uint8Array(Math.min(piece, disk.sectors * sectorSize));
  for (let sector = 0; sector < disk.sectors; sector += piece / sectorSize) {
    const part = buffer.subarray(0, (disk.sectors - sector) * sectorSize);
    disk.read(sector, part);
    sum = crc32(part, sum);
  }
  return sum;
}

/** The blocks that are a disk's own. */
function gatherOwn(disk: AttachedDisk, isOwn: (block: number) => boolean): SparseMemory {
  const blocks: number[] = [];
  for (let block = 0; block < blocksOf(disk); block++) if (isOwn(block)) blocks.push(block);
  if (blocks.length * PAGE > mostOwn)
    refuse(disk, `has ${blocks.length * PAGE} bytes of its own, and a snapshot takes up to ${mostOwn} of a disk`);
  const present = new Uint8Array(Math.ceil(blocksOf(disk) / 8));
  const pages = new Uint8Array(blocks.length * PAGE);
  for (const [index, block] of blocks.entries()) {
    present[block >> 3] = (present[block >> 3] ?? 0) | (1 << (block & 7));
    pages.set(readBlock(disk, block), index * PAGE);
  }
  return { present, pages };
}

function saveDisk(disk: AttachedDisk): DiskState {
  const { bus, readOnly, sectors, own } = disk;
  const sum = (whose: Disk): number => using(disk, "read", () => checksum(whose));
  if (own !== undefined) {
    const blocks = using(disk, "read", () => gatherOwn(disk, (block) => own.has(block)));
    return { bus, readOnly, sectors, checksum: own.base === undefined ? null : sum(own.base), blocks };
  }
  if (!readOnly) using(disk, "flushed", () => disk.flush());
  return { bus, readOnly, sectors, checksum: sum(disk), blocks: null };
}

/** What a snapshot says of disks. MachineError (`snapshot`) for one that cannot be read, or has too much of its own. */
export function saveDisks(disks: readonly AttachedDisk[]): DiskState[] {
  return disks.map(saveDisk);
}

function requireSameDisk(disk: AttachedDisk, saved: DiskState): void {
  const { bus, readOnly, sectors, own } = disk;
  if (sectors !== saved.sectors) refuse(disk, `has ${sectors} sectors, and the saved machine's has ${saved.sectors}`);
  if (bus !== saved.bus) refuse(disk, `is on bus ${bus}, and the saved machine's on ${saved.bus}`);
  if (readOnly !== saved.readOnly)
    refuse(disk, readOnly ? "is read-only, and the saved machine's is not" : "can be written, and the saved machine's cannot");
  const { blocks } = saved;
  const sum = (whose: Disk): number => using(disk, "read", () => checksum(whose));
  if (blocks === null) {
    if (sum(disk) !== saved.checksum)
      refuse(disk, "is another one, or has changed since the machine was saved: its contents are not those of then");
    return;
  }
  checkPages(blocks, blocksOf(disk) * PAGE);
  if (own === undefined || (own.base === undefined) !== (saved.checksum === null))
    return refuse(disk, `has to be ${saved.checksum === null ? "in memory" : "under an overlay"}, as the saved machine's is`);
  if (own.base !== undefined && sum(own.base) !== saved.checksum)
    refuse(disk, "has another base under its overlay, or one that has changed since the machine was saved");
}

/** Refuses a snapshot of a machine with other disks, with a sentence that names the disk. */
export function requireSameDisks(disks: readonly AttachedDisk[], saved: readonly DiskState[]): void {
  const count = (number: number): string => (number === 1 ? "1 disk" : `${number} disks`);
  if (disks.length !== saved.length)
    throw new MachineError("snapshot", `snapshot: it is of a machine with ${count(saved.length)}, and this one has ${count(disks.length)}`);
  for (const [index, disk] of disks.entries()) {
    const state = saved[index];
    if (state !== undefined) requireSameDisk(disk, state);
  }
}

function restoreDisk(disk: AttachedDisk, { present, pages }: SparseMemory): void {
  let offset = 0;
  for (let block = 0; block < blocksOf(disk); block++) {
    if (has(present, block)) {
      writeBlock(disk, block, pages.subarray(offset, offset + PAGE));
      offset += PAGE;
    } else if (disk.own?.has(block) === true) disk.own.discard(block);
  }
}

/** Makes the disks that `requireSameDisks` found to fit what they were. MachineError (`image`) when one cannot be written. */
export function restoreDisks(disks: readonly AttachedDisk[], saved: readonly DiskState[]): void {
  for (const [index, disk] of disks.entries()) {
    const blocks = saved[index]?.blocks;
    try {
      if (blocks) restoreDisk(disk, blocks);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new MachineError("image", `${disk.label} has only a part of the snapshot's contents, as it cannot be written: ${reason}`);
    }
  }
}
