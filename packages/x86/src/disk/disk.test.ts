import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Disk, Storage } from "./disk.ts";
import { crc32 } from "../snapshot/crc32.ts";
import { memoryDisk, MemoryStorage, rawDisk } from "./memory.ts";
import { overlayDisk } from "./overlay.ts";
import { blockSize } from "./blocks.ts";

const sectors = 61;
const base = (): Disk => memoryDisk(Uint8Array.from({ length: sectors * 512 }, (_, index) => (index * 7) & 0xff));
const contents = (disk: Disk): Uint8Array => {
  const all = new Uint8Array(disk.sectors * 512);
  disk.read(0, all);
  return all;
};

/** Storage of a host that may lose its power: each 512 bytes written since the last sync survive or do not. */
class FragileStorage implements Storage {
  readonly inner: MemoryStorage;
  #unsafe: { position: number; bytes: Uint8Array }[] = [];

  constructor(contents: Uint8Array = new Uint8Array(0)) {
    this.inner = new MemoryStorage(contents);
  }

  get size(): number {
    return this.inner.size;
  }
  read(position: number, into: Uint8Array): void {
    this.inner.read(position, into);
  }
  write(position: number, bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length;) {
      const end = Math.min(bytes.length, start + 512 - ((position + start) % 512));
      const old = new Uint8Array(end - start);
      this.inner.read(position + start, old);
      this.#unsafe.push({ position: position + start, bytes: old });
      start = end;
    }
    this.inner.write(position, bytes);
  }
  sync(): void {
    this.#unsafe = [];
  }
  close(): void {}

  /** What a new process finds when every write that `lost` picks has not reached the medium. */
  afterCrash(lost: (index: number) => boolean): Uint8Array {
    for (const [index, { position, bytes }] of [...this.#unsafe.entries()].toReversed()) if (lost(index)) this.inner.write(position, bytes);
    return this.inner.contents.slice();
  }
}

const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      at: fc.nat(sectors - 1),
      count: fc.integer({ min: 1, max: 20 }),
      fill: fc.nat(255),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);

describe("disks", () => {
  test("a raw disk is whole sectors", () => {
    expect(() => memoryDisk(new Uint8Array(1000))).toThrow("a disk image of 1000 bytes: it must be whole sectors");
    expect(() => memoryDisk(new Uint8Array(0))).toThrow("at least one");
    expect(rawDisk(new MemoryStorage(new Uint8Array(1024)), true)).toMatchObject({ sectors: 2, readOnly: true });
  });

  test("an overlay reads as what was written over its base, after any reopening, and the base stays", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const below = base();
        const model = contents(below);
        const storage = new MemoryStorage();
        let disk = overlayDisk(below, storage);
        for (const step of actions) {
          if (step.kind === "flush") disk.flush();
          else if (step.kind === "reopen") {
            disk.close();
            disk = overlayDisk(below, new MemoryStorage(storage.contents.slice()));
            disk = overlayDisk(below, storage);
          } else {
            const bytes = new Uint8Array(Math.min(step.count, sectors - step.at) * 512).fill(step.fill);
            disk.write(step.at, bytes);
            model.set(bytes, step.at * 512);
          }
          expect(Buffer.compare(contents(disk), model)).toBe(0);
        }
        expect(Buffer.compare(contents(below), contents(base()))).toBe(0);
      }),
    );
  });

  test("a crash leaves every sector as it was at the last flush or as one write after it made it", () => {
    const sector = (bytes: Uint8Array, number: number): Uint8Array => bytes.subarray(number * 512, number * 512 + 512);
    const untouched = contents(base());
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 30 }), fc.infiniteStream(fc.boolean()), (actions, losses) => {
        const storage = new FragileStorage();
        const disk = overlayDisk(base(), storage);
        /** Of each sector: the values that a write after the last flush has filled it with, and what it was at that flush. */
        let filled = Array.from({ length: sectors }, () => new Set<number>());
        let flushed = untouched;
        for (const step of actions) {
          if (step.kind !== "write") {
            disk.flush();
            flushed = contents(disk);
            filled = filled.map(() => new Set());
            continue;
          }
          const count = Math.min(step.count, sectors - step.at);
          disk.write(step.at, new Uint8Array(count * 512).fill(step.fill));
          for (const values of filled.slice(step.at, step.at + count)) values.add(step.fill);
        }
        const after = contents(overlayDisk(base(), new MemoryStorage(storage.afterCrash(() => losses.next().value ?? false))));
        const wrong = filled.findIndex((values, number) => {
          const found = sector(after, number);
          if (Buffer.compare(found, sector(flushed, number)) === 0) return false;
          // Writes fill whole sectors with one byte: a torn one would show two.
          return !(new Set(found).size === 1 && values.has(found[0] ?? -1));
        });
        expect(wrong).toBe(-1);
      }),
      { numRuns: 200 },
    );
  });

  test("overwriting the same blocks does not make the overlay grow without end", () => {
    const storage = new MemoryStorage();
    const disk = overlayDisk(base(), storage);
    for (let round = 0; round < 50; round++) {
      disk.write(0, new Uint8Array(16 * 512).fill(round));
      disk.flush();
    }
    expect(storage.size).toBeLessThanOrEqual(2 * blockSize + 4 * blockSize);
  });

  const changed = (at: number, value: number): Uint8Array => {
    const storage = new MemoryStorage();
    const disk = overlayDisk(base(), storage);
    disk.write(0, new Uint8Array(512 * 16).fill(9));
    disk.close();
    const file = storage.contents.slice();
    file[at] = value;
    return file;
  };

  /** The header of an overlay with one field changed and its checksum right. */
  const otherHeader = (at: number, value: number): Uint8Array => {
    const file = changed(0, 77);
    const view = new DataView(file.buffer, file.byteOffset);
    file.set(new TextEncoder().encode("M"));
    view.setUint32(at, value, true);
    view.setUint32(28, crc32(file.subarray(0, 28)), true);
    return file;
  };

  test.each([
    ["a later version", otherHeader(8, 2), "offset 8: an overlay of version 2; this program reads version 1"],
    ["another block size", otherHeader(12, 65_536), "offset 12: an overlay of another block size"],
    ["an enormous disk", otherHeader(20, 0xffff_ffff), "offset 16: the overlay is for a disk of"],
    ["a cut table", changed(0, 77).subarray(0, 4101), "offset 4101: the overlay ends within its table: the file is cut off"],
    ["a slot of another world", changed(4107, 0xff), "offset 4104"],
    ["another file", new Uint8Array(8192).fill(1), "offset 0: not an overlay"],
    ["another version", changed(8, 7), "its checksum does not fit"],
    ["a cut header", changed(0, 77).subarray(0, 100), "damaged"],
    ["a cut file", changed(0, 77).subarray(0, 3 * blockSize), "offset 4104: block 1 lies beyond the end of the overlay"],
    ["two blocks in one slot", changed(4104, 1), "offset 4104: block 1 lies where another one lies"],
  ])("%s is refused", (_, file, message) => {
    expect(() => overlayDisk(base(), new MemoryStorage(file))).toThrow(message);
  });

  test("an overlay of another disk is refused", () => {
    const file = changed(0, 77);
    const other = contents(base());
    other[600] = 0;
    expect(() => overlayDisk(memoryDisk(other), new MemoryStorage(file))).toThrow(
      "the overlay is for another disk, or the disk has changed",
    );
    expect(() => overlayDisk(memoryDisk(new Uint8Array(512)), new MemoryStorage(file))).toThrow("a disk of 61 sectors, and this one has 1");
  });

  test("a host without space loses nothing that was there, and what is written once there is some is kept", () => {
    const storage = new MemoryStorage();
    let full = false;
    const limited: Storage = {
      get size() {
        return storage.size;
      },
      read: (position, into) => storage.read(position, into),
      write(position, bytes) {
        // As a host does, a part may fit.
        storage.write(position, full ? bytes.subarray(0, bytes.length / 2) : bytes);
        if (full) throw new Error("no space left on device");
      },
      sync() {
        if (full) throw new Error("no space left on device");
      },
      close: () => {},
    };
    const disk = overlayDisk(base(), limited);
    const fill = (at: number, value: number): void => disk.write(at, new Uint8Array(8 * 512).fill(value));
    fill(0, 1);
    disk.flush();
    fill(0, 2);
    const before = contents(disk);
    full = true;
    for (const block of [0, 8, 16]) expect(() => fill(block, 3)).toThrow("no space left");
    expect(() => disk.flush()).toThrow("no space left");
    expect(Buffer.compare(contents(disk), before)).toBe(0);
    expect(contents(overlayDisk(base(), new MemoryStorage(storage.contents.slice())))[0]).toBe(1);
    full = false;
    fill(8, 4);
    disk.flush();
    const after = contents(overlayDisk(base(), storage));
    expect([after[0], after[8 * 512], after[16 * 512]]).toEqual([2, 4, before[16 * 512]]);
  });

  test("a damaged block is an error, not other data", () => {
    const file = changed(2 * blockSize + 100, 1);
    const disk = overlayDisk(base(), new MemoryStorage(file));
    expect(() => disk.read(0, new Uint8Array(512))).toThrow("block 0 of the overlay is damaged");
  });
});
