import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diskContents, diskTraffic, trafficSectors, turns } from "../../test/disk-traffic.ts";
import type { DiskOptions } from "../board/disks.ts";
import type { Disk } from "../disk/disk.ts";
import { memoryDisk, MemoryStorage } from "../disk/memory.ts";
import { overlayDisk } from "../disk/overlay.ts";
import { MachineError } from "../errors.ts";
import { createMachine, type Machine } from "../machine.ts";
import { pack, unpack } from "./container.ts";
import { crc32 } from "./crc32.ts";
import { describeSnapshot } from "./snapshot.ts";

const image = (): Uint8Array => Uint8Array.from({ length: trafficSectors * 512 }, (_, index) => (index >> 9) * 7 + index);
/** What the disks of a machine hold. */
const sums = (machine: Machine): readonly number[] => diskContents(machine).map((contents) => crc32(contents));
const everything = (machine: Machine): unknown => [
  machine.registers,
  machine.counters,
  machine.now,
  machine.memoryHash(),
  ...sums(machine),
];

/** A disk whose contents lie somewhere else, as those of a file do. */
function elsewhere(contents: Uint8Array, changes: Partial<Disk> = {}): Disk {
  const { own: _, ...disk } = memoryDisk(contents);
  return { ...disk, name: "disk.img", ...changes };
}
/** An overlay over the image, with something in it. */
function usedOverlay(base: Uint8Array = image()): Disk {
  const disk = overlayDisk(memoryDisk(base, true), new MemoryStorage());
  disk.write(40, new Uint8Array(100 * 512).fill(0xee));
  return disk;
}

const kinds: readonly (readonly [string, () => Disk, (saved: Disk) => Disk])[] = [
  ["in memory", () => memoryDisk(image()), () => memoryDisk(image().fill(0x33))],
  ["under an overlay", () => overlayDisk(memoryDisk(image(), true), new MemoryStorage()), () => usedOverlay()],
  [
    "written directly, and restored as it was",
    () => elsewhere(image()),
    (saved) => {
      const copy = new Uint8Array(saved.sectors * 512);
      saved.read(0, copy);
      return elsewhere(copy);
    },
  ],
];

describe.each(kinds)("a disk %s", (_, make, other) => {
  test("at any instant: the restored machine goes on as the saved one does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700_000 }), fc.integer({ min: 1, max: 300_000 }), (before, after) => {
        const disk = make();
        const machine = diskTraffic({ disks: [{ disk }] });
        machine.run(before);
        const saved = machine.save();
        const restored = createMachine({ memory: 2 << 20, icount: true, disks: [{ disk: other(disk) }] });
        restored.restore(saved);
        expect(everything(restored)).toEqual(everything(machine));
        machine.run(after);
        restored.run(after);
        expect(everything(restored)).toEqual(everything(machine));
      }),
      { numRuns: 8 },
    );
  });

  test("the traffic is real", () => {
    const disk = make();
    const machine = diskTraffic({ disks: [{ disk }] });
    machine.run(2_000_000);
    expect(turns(machine)).toBeGreaterThan(8);
    const found = new Set(new Uint32Array(diskContents(machine)[0]?.buffer ?? new ArrayBuffer(0)));
    expect(found).toContain(turns(machine) - 1);
  });
});

const machineWith = (...disks: readonly DiskOptions[]): Machine => createMachine({ memory: 2 << 20, icount: true, disks });

test("an overlay keeps in its file what the restored machine has", () => {
  const machine = diskTraffic({ disks: [{ disk: usedOverlay() }] });
  machine.run(1_000_000);
  const storage = new MemoryStorage();
  const restored = machineWith({ disk: overlayDisk(memoryDisk(image(), true), storage) });
  restored.restore(machine.save());
  restored.disks[0]?.flush();
  const again = machineWith({ disk: overlayDisk(memoryDisk(image(), true), storage) });
  expect(sums(again)).toEqual(sums(machine));
});

test("a snapshot holds what an overlay has, not its base", () => {
  const base = new Uint8Array(64 << 20).fill(0x77);
  const machine = diskTraffic({ disks: [{ disk: overlayDisk(memoryDisk(base, true), new MemoryStorage()) }] });
  machine.run(3_000_000);
  expect(machine.save().length).toBeLessThan(3 << 20);
});

test("a snapshot says what disks it wants", () => {
  const machine = machineWith({ disk: usedOverlay(), bus: "virtio" }, { disk: memoryDisk(image(), true) });
  expect(describeSnapshot(machine.save()).disks).toEqual([
    { bus: "virtio", readOnly: false, sectors: trafficSectors },
    { bus: "ata", readOnly: true, sectors: trafficSectors },
  ]);
});

describe("a restore with other disks", () => {
  const changed = (): Uint8Array => image().fill(1, 300_000, 300_001);
  const cases: readonly (readonly [string, readonly DiskOptions[], readonly DiskOptions[], string])[] = [
    ["none", [{ disk: elsewhere(image()) }], [], "it is of a machine with 1 disk, and this one has 0 disks"],
    ["one too many", [], [{ disk: elsewhere(image()) }], "it is of a machine with 0 disks, and this one has 1 disk"],
    ["a changed one", [{ disk: elsewhere(image()) }], [{ disk: elsewhere(changed()) }], "disk 1 (disk.img) is another one, or has changed"],
    [
      "a changed one that is only read",
      [{ disk: memoryDisk(image(), true) }],
      [{ disk: memoryDisk(changed(), true) }],
      "disk 1 is another one, or has changed",
    ],
    ["a changed base", [{ disk: usedOverlay() }], [{ disk: usedOverlay(changed()) }], "disk 1 has another base under its overlay"],
    [
      "a shorter one",
      [{ disk: elsewhere(image()) }],
      [{ disk: elsewhere(image().subarray(512)) }],
      "has 780 sectors, and the saved machine's has 781",
    ],
    [
      "another bus",
      [{ disk: usedOverlay() }],
      [{ disk: usedOverlay(), bus: "virtio" }],
      "is on bus virtio, and the saved machine's on ata",
    ],
    ["one that is only read", [{ disk: elsewhere(image()) }], [{ disk: elsewhere(image(), { readOnly: true }) }], "is read-only"],
    ["no overlay", [{ disk: usedOverlay() }], [{ disk: elsewhere(image()) }], "disk 1 (disk.img) has to be under an overlay"],
    ["memory for an overlay", [{ disk: usedOverlay() }], [{ disk: memoryDisk(image()) }], "disk 1 has to be under an overlay"],
    ["an overlay for memory", [{ disk: memoryDisk(image()) }], [{ disk: usedOverlay() }], "disk 1 has to be in memory"],
  ];
  test.each(cases)("%s is refused, and changes nothing", (_, saved, given, message) => {
    const file = machineWith(...saved).save();
    const machine = machineWith(...given);
    const before = everything(machine);
    expect(() => machine.restore(file)).toThrow(MachineError);
    expect(() => machine.restore(file)).toThrow(message);
    expect(everything(machine)).toEqual(before);
  });

  test("an overlay that reads as the saved disk does is welcome", () => {
    const file = machineWith({ disk: elsewhere(image()) }).save();
    const machine = machineWith({ disk: overlayDisk(memoryDisk(image(), true), new MemoryStorage()) });
    machine.restore(file);
    expect(sums(machine)).toEqual([crc32(image())]);
  });
});

/** The snapshot of a machine with an overlay, with something in it changed. */
function forged(
  change: (disk: { blocks: { present: Uint8Array; pages: Uint8Array } | null; checksum: number | null }) => void,
): Uint8Array {
  const data = unpack(machineWith({ disk: usedOverlay() }).save().slice()) as {
    disks: { blocks: { present: Uint8Array; pages: Uint8Array }; checksum: number | null }[];
  };
  for (const disk of data.disks) change(disk);
  return pack(data);
}

test.each<[string, Uint8Array, string]>([
  [
    "a block map of another size",
    forged(({ blocks }) => blocks && Object.assign(blocks, { present: new Uint8Array(3) })),
    "its page map is not of this memory's size",
  ],
  ["blocks behind the disk's end", forged(({ blocks }) => blocks?.present.fill(0xff)), "it has not the pages that its page map tells of"],
  [
    "fewer blocks than the map says",
    forged(({ blocks }) => blocks && Object.assign(blocks, { pages: blocks.pages.subarray(4096) })),
    "it has not the pages that its page map tells of",
  ],
  ["bytes that are a number", forged((disk) => Object.assign(disk, { blocks: 5 })), "machine.disks[0].blocks should be a record, and is 5"],
  ["no checksum", forged((disk) => Object.assign(disk, { checksum: -1 })), "machine.disks[0].checksum should be a whole number"],
])("a snapshot with %s is refused, and the overlay stays", (_, file, message) => {
  const machine = machineWith({ disk: usedOverlay() });
  const before = everything(machine);
  expect(() => machine.restore(file)).toThrow(message);
  expect(everything(machine)).toEqual(before);
});

test("a disk of the host that fails is said by name", () => {
  const fail = (): never => {
    throw new Error("input/output error");
  };
  expect(() => machineWith({ disk: elsewhere(image(), { read: fail }) }).save()).toThrow(
    "disk 1 (disk.img) cannot be read: input/output error",
  );
  expect(() => machineWith({ disk: elsewhere(image(), { flush: fail }) }).save()).toThrow("disk 1 (disk.img) cannot be flushed");
  const file = machineWith({ disk: usedOverlay() }).save();
  const full = machineWith({
    disk: { ...usedOverlay(), write: fail, own: { base: memoryDisk(image(), true), has: () => true, discard: () => {} } },
  });
  expect(() => full.restore(file)).toThrow(
    "disk 1 has only a part of the snapshot's contents, as it cannot be written: input/output error",
  );
});
