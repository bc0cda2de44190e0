import fc from "fast-check";
import { expect, test } from "vitest";
import type { AccessSize } from "../bus/device.ts";
import { processorDma } from "../bus/dma.ts";
import { ManualClock } from "../clock/manual.ts";
import { AttachedDisk } from "../disk/attached.ts";
import { memoryDisk } from "../disk/memory.ts";
import { Board, type BoardState } from "./pc.ts";

const memory = 0x10_0000;
/** Bytes before and behind RAM, which nothing may touch. */
const guard = 0x1_0000;
const untouched = 0xa5;
const pristine = new Uint8Array(guard).fill(untouched);
/** Where firmware puts the bus masters, and the first virtio disk's two interfaces. */
const place = { busMaster: 0xc000, legacy: 0xc040, modern: 0xe000_0000, localApic: 0xfee0_0000, ioApic: 0xfec0_0000 } as const;
const functions = { ide: 0x8000_0900, virtio: 0x8000_1800 } as const;

/** A board with its RAM, of which everything can be compared. */
class World {
  readonly clock: ManualClock = new ManualClock();
  readonly all: Uint8Array = new Uint8Array(memory + 2 * guard).fill(untouched);
  readonly ram: Uint8Array = this.all.subarray(guard, guard + memory);
  readonly disks: readonly Uint8Array[] = [new Uint8Array(0x8000), new Uint8Array(0x8000)];
  /** What the board has done to the machine around it. */
  readonly pins: unknown[] = [];
  readonly board: Board;

  constructor() {
    const [ata = new Uint8Array(0), virtio = new Uint8Array(0)] = this.disks;
    const note =
      (name: string) =>
      (...what: unknown[]): void =>
        void this.pins.push([name, ...what]);
    this.board = new Board({
      clock: this.clock,
      memory,
      dma: processorDma({ ram: this.ram, writePhysical: (at, bytes) => this.ram.set(bytes, at) }),
      epoch: 1e12,
      disks: [new AttachedDisk({ disk: memoryDisk(ata) }, 0), new AttachedDisk({ disk: memoryDisk(virtio), bus: "virtio" }, 1)],
      interrupt: () => {},
      nmi: note("nmi"),
      transmit: note("transmit"),
      exit: note("exit"),
      powerOff: note("power off"),
      reset: note("reset"),
    });
    // As the processor does, whose register places it.
    this.board.moveLocalApic(place.localApic);
    this.board.reset();
  }

  /** Another one that goes on from here. */
  copy(): World {
    const other = new World();
    other.clock.clear();
    other.clock.jump(this.clock.now());
    other.all.set(this.all);
    for (const [index, disk] of this.disks.entries()) other.disks[index]?.set(disk);
    other.board.restore(other.board.shape.check(this.board.save(), "board"));
    other.pins.push(...this.pins);
    return other;
  }

  get guards(): readonly Uint8Array[] {
    return [this.all.subarray(0, guard), this.all.subarray(guard + memory)];
  }

  get state(): BoardState {
    return this.board.save();
  }

  config(where: number, size: AccessSize, value: number): void {
    this.board.ports.write(0xcf8, 4, where & ~3);
    this.board.ports.write(0xcfc + (where & 3), size, value);
  }
}

type Step = (world: World) => void;

const sizes = fc.constantFrom<AccessSize>(1, 2, 4);
const address = fc.oneof(
  { weight: 6, arbitrary: fc.nat(memory / 16 - 1).map((unit) => unit * 16) },
  { weight: 2, arbitrary: fc.nat(memory - 1) },
  { weight: 1, arbitrary: fc.constantFrom(memory, memory - 1, memory - 512, 0xffff_fffc, 0xfee0_0000, 0x8000_0000) },
);
const value = fc.oneof(fc.nat(0xffff_ffff), fc.nat(0xff), fc.constantFrom(0, 1, 0x8000_0000, 0xffff_ffff), address);

const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const port = fc.oneof(
  fc.constantFrom(
    0x20,
    0x21,
    0xa0,
    0xa1,
    0x40,
    0x41,
    0x42,
    0x43,
    0x60,
    0x61,
    0x64,
    0x70,
    0x71,
    0x92,
    0xf0,
    0xf1,
    0xf4,
    0x4d0,
    0x4d1,
    0x3f6,
  ),
  between(0x1f0, 0x1f7),
  between(0x3f8, 0x3ff),
  between(0x600, 0x60b),
  between(place.busMaster, place.busMaster + 15),
  between(place.legacy, place.legacy + 24),
  fc.nat(0xffff),
);
const register = fc.oneof(
  fc.nat(0x3f).map((number) => place.localApic + number * 16),
  fc.constantFrom(place.ioApic, place.ioApic + 0x10),
  fc.nat(0x3f).map((offset) => place.modern + offset),
  fc.constant(place.modern + 0x3000),
  fc.nat(0xffff_ffff),
);

const anyAccess: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(port, sizes, value).map(
    ([at, size, bits]): Step =>
      ({ board }) =>
        board.ports.write(at, size, bits),
  ),
  fc.tuple(port, sizes).map(
    ([at, size]): Step =>
      ({ board }) =>
        void board.ports.read(at, size),
  ),
  fc.tuple(register, sizes, value).map(
    ([at, size, bits]): Step =>
      ({ board }) =>
        board.memory.write(at, size, bits),
  ),
  fc.tuple(register, sizes).map(
    ([at, size]): Step =>
      ({ board }) =>
        void board.memory.read(at, size),
  ),
);
const time: fc.Arbitrary<Step> = fc.oneof(
  fc.nat(500_000).map(
    (nanoseconds): Step =>
      ({ clock }) =>
        clock.advance(nanoseconds),
  ),
  fc.nat(1_000_000_000).map(
    (nanoseconds): Step =>
      ({ clock }) =>
        clock.jump(nanoseconds),
  ),
);
const configure: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(0x8000_0000, 0x8000_0800, functions.ide, 0x8000_0b00, functions.virtio), fc.nat(0xff), sizes, value)
  .map(
    ([where, at, size, bits]): Step =>
      (world) =>
        world.config(where + at, size, bits),
  );
const store: fc.Arbitrary<Step> = fc.tuple(fc.nat(memory / 4 - 1), value).map(
  ([word, bits]): Step =>
    ({ ram }) =>
      new DataView(ram.buffer, ram.byteOffset).setUint32(word * 4, bits, true),
);

const length = fc.oneof(fc.constantFrom(0, 1, 16, 511, 512, 514, 4096, 0x1_0000, 0xffff_ffff), fc.nat(0x2000));

/** A region for a device: anywhere, or across the end of RAM. */
const region = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(address, length) },
  { weight: 1, arbitrary: fc.constantFrom(2, 16, 512).map((inside): [number, number] => [memory - inside, inside + 2]) },
);

/** The timers, all of which go on by themselves: local APIC, PIT, RTC, power management. */
const startTimer: fc.Arbitrary<Step> = fc
  .tuple(fc.nat(3), fc.nat(0xff), fc.nat(0xffff))
  .map(([which, mode, period]): Step => ({ board: { ports, memory: mmio } }) => {
    if (which === 0) {
      mmio.write(place.localApic + 0x3e0, 4, mode);
      mmio.write(place.localApic + 0x320, 4, 0x40 | (mode << 12));
      mmio.write(place.localApic + 0x380, 4, period);
    } else if (which === 1) {
      ports.write(0x43, 1, mode);
      ports.write(0x40 + (mode >> 6), 1, period & 0xff);
      ports.write(0x40 + (mode >> 6), 1, period >> 8);
    } else if (which === 2) {
      for (const [cell, bits] of [
        [0x0a, mode],
        [0x0b, period & 0xff],
      ] as const) {
        ports.write(0x70, 1, cell);
        ports.write(0x71, 1, bits);
      }
    } else ports.write(0x602, 2, mode);
  });

/** A table of physical regions, and a command of the drive that moves data by it. */
const ideTransfer: fc.Arbitrary<Step> = fc
  .tuple(
    address,
    fc.array(fc.tuple(region, fc.boolean()), { maxLength: 5 }),
    fc.constantFrom(0x25, 0x35, 0xc8, 0xca),
    fc.nat(80),
    fc.nat(70),
  )
  .map(([table, regions, command, count, sector]): Step => ({ board: { ports }, ram }) => {
    const view = new DataView(ram.buffer, ram.byteOffset);
    for (const [index, [[at, bytes], last]] of regions.entries()) {
      if (table + 8 * index + 8 > memory) break;
      view.setUint32(table + 8 * index, at, true);
      view.setUint32(table + 8 * index + 4, (bytes & 0xffff) | (last ? 0x8000_0000 : 0), true);
    }
    ports.write(place.busMaster + 4, 4, table);
    ports.write(place.busMaster, 1, 0);
    for (const [offset, bits] of [
      [6, 0x40],
      [2, count],
      [3, sector],
      [4, 0],
      [5, 0],
      [7, command],
    ] as const)
      ports.write(0x1f0 + offset, 1, bits);
    ports.write(place.busMaster, 1, command === 0x25 || command === 0xc8 ? 9 : 1);
  });

/** A virtqueue anywhere, with descriptors of any kind, and its notification. */
const virtioRequest: fc.Arbitrary<Step> = fc
  .tuple(
    fc.tuple(address, address, address, fc.boolean()),
    fc.array(fc.tuple(region, fc.nat(7), fc.nat(9)), { minLength: 1, maxLength: 8 }),
    fc.tuple(fc.constantFrom(0, 1, 4, 8, 99), fc.nat(70)),
    fc.constantFrom(0, 0xffff_ffff),
    fc.nat(0x1ff),
  )
  .map(([[descriptors, available, used, again], chain, [kind, sector], features, waiting]): Step => ({ board, ram }) => {
    const view = new DataView(ram.buffer, ram.byteOffset);
    const put = (at: number, bits: number): void => {
      if (at + 4 <= memory) view.setUint32(at, bits, true);
    };
    for (const [index, [[at, bytes], flags, next]] of chain.entries()) {
      put(descriptors + 16 * index, at);
      put(descriptors + 16 * index + 4, 0);
      put(descriptors + 16 * index + 8, bytes);
      put(descriptors + 16 * index + 12, flags | (next << 16));
      put(at, kind);
      put(at + 8, sector);
      put(at + 12, 0);
    }
    put(available, waiting << 16);
    const { memory: mmio } = board;
    if (again) mmio.write(place.modern + 0x14, 1, 0);
    mmio.write(place.modern + 0x08, 4, 0);
    mmio.write(place.modern + 0x0c, 4, features);
    mmio.write(place.modern + 0x16, 2, 0);
    for (const [offset, at] of [
      [0x20, descriptors],
      [0x28, available],
      [0x30, used],
    ] as const)
      mmio.write(place.modern + offset, 4, at);
    mmio.write(place.modern + 0x1c, 2, 1);
    mmio.write(place.modern + 0x14, 1, 15);
    mmio.write(place.modern + 0x3000, 2, 0);
  });

const master: Step = (world) => {
  for (const where of [functions.ide, functions.virtio]) world.config(where + 4, 2, 7);
};
const steps = (...kinds: readonly fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...kinds), { maxLength: 120, size: "max" });
const seed = Number(process.env["FUZZ_SEED"] ?? 4);
const numRuns = Number(process.env["FUZZ_COUNT"] ?? 150);

test("a device writes memory only inside RAM, whatever a guest makes it do", () => {
  fc.assert(
    fc.property(steps(anyAccess, time, configure, store, startTimer, ideTransfer, virtioRequest), (program) => {
      const world = new World();
      master(world);
      for (const step of program) step(world);
      for (const bytes of world.guards) expect(Buffer.compare(bytes, pristine)).toBe(0);
    }),
    { seed, numRuns },
  );
}, 600_000);

test("a board goes on from saved state as it would have, whatever a guest has made of it", () => {
  fc.assert(
    fc.property(
      steps(anyAccess, time, configure, store, startTimer, ideTransfer, virtioRequest),
      steps(anyAccess, time, store, startTimer, ideTransfer, virtioRequest),
      (before, after) => {
        const world = new World();
        master(world);
        for (const step of before) step(world);
        const other = world.copy();
        expect(other.state).toEqual(world.state);
        for (const step of after) {
          step(world);
          step(other);
        }
        expect(other.state).toEqual(world.state);
        expect(other.pins).toEqual(world.pins);
        expect(Buffer.compare(other.all, world.all)).toBe(0);
      },
    ),
    { seed, numRuns },
  );
}, 600_000);
