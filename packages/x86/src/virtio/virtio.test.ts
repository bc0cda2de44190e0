import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { processorDma } from "../bus/dma.ts";
import { ManualClock } from "../clock/manual.ts";
import type { Disk } from "../disk/disk.ts";
import { memoryDisk } from "../disk/memory.ts";
import { command as pciCommand, config } from "../pci/function.ts";
import { VirtioBlock } from "./block.ts";
import { VirtioPci } from "./pci.ts";
import { modern } from "./registers.ts";

const sectors = 64;
const image = (): Uint8Array => Uint8Array.from({ length: sectors * 512 }, (_, index) => (index >> 9) + index);
/** Where the driver keeps its queue and requests. */
const at = {
  descriptors: 0x1000,
  available: 0x2000,
  used: 0x3000,
  header: 0x4000,
  status: 0x4100,
  data: 0x5000,
  indirect: 0x4800,
} as const;
const size = 8;
const feature = { indirect: 1 << 28, eventIndex: 1 << 29, readOnly: 1 << 5 } as const;

type Piece = readonly [address: number, length: number, flags: number];

/** A driver of a virtio disk in 64 KB of memory, by the modern or the legacy interface. */
class Driver {
  readonly clock = new ManualClock();
  readonly ram = new Uint8Array(0x1_0000);
  readonly view = new DataView(this.ram.buffer);
  readonly image = image();
  readonly card: VirtioPci;
  interrupt = false;

  constructor(disk?: Disk) {
    const dma = processorDma({ ram: this.ram, writePhysical: (address, bytes) => this.ram.set(bytes, address) });
    this.card = new VirtioPci("disk", new VirtioBlock(disk ?? memoryDisk(this.image), "SERIAL"), this.clock, dma);
    this.card.pci.pin = (level) => (this.interrupt = level);
    this.card.pci.write(config.command, 2, pciCommand.memory | pciCommand.ports | pciCommand.master);
  }

  /** Sets the device up as the specification says (3.1.1). */
  start(features = 0): this {
    const { card } = this;
    card.write(0x14, 1, 0);
    card.write(0x14, 1, 3);
    for (const [word, bits] of [features, 1].entries()) {
      card.write(8, 4, word);
      card.write(12, 4, bits);
    }
    card.write(0x14, 1, 11);
    card.write(0x18, 2, size);
    for (const [offset, address] of [at.descriptors, at.available, at.used].entries()) card.write(0x20 + 8 * offset, 4, address);
    card.write(0x1c, 2, 1);
    card.write(0x14, 1, 15);
    return this;
  }

  /** Writes descriptors one after the other, each linked to the next. */
  describe(pieces: readonly Piece[], table: number = at.descriptors): void {
    for (const [index, [address, length, flags]] of pieces.entries()) {
      const entry = table + 16 * index;
      this.view.setUint32(entry, address, true);
      this.view.setUint32(entry + 4, 0, true);
      this.view.setUint32(entry + 8, length, true);
      this.view.setUint16(entry + 12, flags | (index < pieces.length - 1 ? 1 : 0), true);
      this.view.setUint16(entry + 14, index + 1, true);
    }
  }

  header(kind: number, sector = 0): void {
    this.view.setUint32(at.header, kind, true);
    this.view.setBigUint64(at.header + 8, BigInt(sector), true);
    this.ram[at.status] = 0xff;
  }

  /** Makes the chain at descriptor 0 available, notifies, and lets time pass. */
  submit(head = 0): void {
    const index = this.view.getUint16(at.available + 2, true);
    this.view.setUint16(at.available + 4 + 2 * (index % size), head, true);
    this.view.setUint16(at.available + 2, index + 1, true);
    this.card.write(modern.notify, 2, 0);
    this.clock.advance(1e6);
  }

  /** One request of data; the status that the device wrote. */
  request(kind: number, sector: number, data: readonly Piece[]): number {
    this.header(kind, sector);
    this.describe([[at.header, 16, 0], ...data, [at.status, 1, 2]]);
    this.submit();
    return this.ram[at.status] ?? -1;
  }

  get used(): { index: number; head: number; written: number } {
    const index = this.view.getUint16(at.used + 2, true);
    const entry = at.used + 4 + 8 * ((index - 1 + size) % size);
    return { index, head: this.view.getUint32(entry, true), written: this.view.getUint32(entry + 4, true) };
  }

  get needsReset(): boolean {
    return (this.card.read(0x14, 1) & 64) !== 0;
  }
}

describe("virtio-blk, modern", () => {
  test("a read fills the segments and interrupts until the interrupt status is read", () => {
    const driver = new Driver().start();
    expect(
      driver.request(0, 3, [
        [at.data, 100, 2],
        [0x6000, 924, 2],
      ]),
    ).toBe(0);
    const expected = [...driver.image.subarray(3 * 512, 5 * 512)];
    expect([...driver.ram.subarray(at.data, at.data + 100), ...driver.ram.subarray(0x6000, 0x639c)]).toEqual(expected);
    expect([driver.used, driver.interrupt]).toEqual([{ index: 1, head: 0, written: 1025 }, true]);
    expect([driver.card.read(modern.interruptStatus, 1), driver.interrupt, driver.card.read(modern.interruptStatus, 1)]).toEqual([
      1,
      false,
      0,
    ]);
  });

  test("a write changes the disk, a flush and the serial number answer", () => {
    const driver = new Driver().start();
    driver.ram.fill(0x5a, at.data, at.data + 512);
    expect(driver.request(1, 7, [[at.data, 512, 0]])).toBe(0);
    expect([driver.image[7 * 512], driver.image[7 * 512 + 511], driver.image[8 * 512]]).toEqual([0x5a, 0x5a, image()[8 * 512]]);
    expect(driver.request(4, 0, [])).toBe(0);
    expect(driver.request(8, 0, [[at.data, 20, 2]])).toBe(0);
    expect(new TextDecoder().decode(driver.ram.subarray(at.data, at.data + 7))).toBe("SERIAL\0");
  });

  test("the configuration tells the capacity", () => {
    expect(new Driver().card.read(modern.configuration, 4)).toBe(sectors);
  });

  test.each([
    ["beyond the end", 0, sectors, 512, 1],
    ["half a sector", 0, 0, 100, 1],
    ["an unknown kind", 77, 0, 512, 2],
  ])("%s is an error of the request alone", (_, kind, sector, length, outcome) => {
    const driver = new Driver().start();
    expect(driver.request(kind, sector, [[at.data, length, 2]])).toBe(outcome);
    expect([driver.needsReset, driver.request(0, 0, [[at.data, 512, 2]])]).toEqual([false, 0]);
  });

  test("a read-only disk says so and takes no writes", () => {
    const driver = new Driver(memoryDisk(image(), true)).start();
    driver.card.write(0, 4, 0);
    expect(driver.card.read(4, 4) & feature.readOnly).toBe(feature.readOnly);
    expect(driver.request(1, 0, [[at.data, 512, 0]])).toBe(1);
  });

  test("indirect descriptors", () => {
    const driver = new Driver().start(feature.indirect);
    driver.header(0, 2);
    driver.describe(
      [
        [at.header, 16, 0],
        [at.data, 512, 2],
        [at.status, 1, 2],
      ],
      at.indirect,
    );
    driver.describe([[at.indirect, 48, 4]]);
    driver.submit();
    expect([driver.ram[at.status], driver.ram[at.data + 5]]).toEqual([0, driver.image[2 * 512 + 5]]);
  });

  test("event indexes: an interrupt for the entry that the driver names, a notification for the next request", () => {
    const driver = new Driver().start(feature.eventIndex);
    driver.view.setUint16(at.available + 4 + 2 * size, 1, true);
    driver.request(4, 0, []);
    expect([driver.interrupt, driver.view.getUint16(at.used + 4 + 8 * size, true)]).toEqual([false, 1]);
    driver.request(4, 0, []);
    expect(driver.interrupt).toBe(true);
  });

  test("a driver that wants no interrupts gets none", () => {
    const driver = new Driver().start();
    driver.view.setUint16(at.available, 1, true);
    driver.request(4, 0, []);
    expect([driver.used.index, driver.interrupt]).toEqual([1, false]);
  });

  test("the access window of the configuration space reaches the registers", () => {
    const { card } = new Driver();
    const window = card.pci.capability(9, 4);
    card.pci.write(window + 4, 1, 4);
    card.pci.write(window + 8, 4, 0x14);
    card.pci.write(window + 12, 4, 1);
    card.pci.write(window + 16, 1, 3);
    expect([card.pci.read(window + 16, 1), card.read(0x14, 1)]).toEqual([3, 3]);
  });
});

describe("virtio-blk, legacy", () => {
  test("one page number places the queue; a request goes through", () => {
    const driver = new Driver();
    const port = driver.card.pci.description.bars?.[0]?.device;
    port?.write(18, 1, 3);
    port?.write(8, 4, 1);
    port?.write(18, 1, 7);
    expect([port?.read(12, 2), port?.read(8, 4), port?.read(20, 4)]).toEqual([128, 1, sectors]);
    driver.header(0, 9);
    driver.describe([
      [at.header, 16, 0],
      [at.data, 512, 2],
      [at.status, 1, 2],
    ]);
    const available = 0x1000 + 16 * 128;
    driver.view.setUint16(available + 2, 1, true);
    port?.write(16, 2, 0);
    driver.clock.advance(1e6);
    expect([driver.ram[at.status], driver.ram[at.data + 5], port?.read(19, 1)]).toEqual([0, driver.image[9 * 512 + 5], 1]);
  });
});

describe("a hostile driver", () => {
  const loop = (driver: Driver): void => {
    driver.describe([
      [at.header, 16, 0],
      [at.data, 16, 0],
    ]);
    driver.view.setUint16(at.descriptors + 16 + 12, 1, true);
    driver.view.setUint16(at.descriptors + 16 + 14, 0, true);
  };
  test.each<[string, (driver: Driver) => void]>([
    ["a loop", loop],
    [
      "a header outside memory",
      (driver) =>
        driver.describe([
          [0xffff_fff0, 16, 0],
          [at.status, 1, 2],
        ]),
    ],
    [
      "a status outside memory",
      (driver) =>
        driver.describe([
          [at.header, 16, 0],
          [0xffff, 4, 2],
        ]),
    ],
    [
      "data outside memory",
      (driver) =>
        driver.describe([
          [at.header, 16, 0],
          [0xff00, 512, 2],
          [at.status, 1, 2],
        ]),
    ],
    ["no status", (driver) => driver.describe([[at.header, 16, 0]])],
    ["an empty indirect table", (driver) => driver.describe([[at.indirect, 0, 4]])],
    [
      "an indirect table that loops",
      (driver) => (driver.describe([[at.indirect, 16, 4]]), driver.describe([[at.indirect, 16, 4]], at.indirect)),
    ],
    [
      "readable behind writable",
      (driver) =>
        driver.describe([
          [at.status, 1, 2],
          [at.header, 16, 0],
        ]),
    ],
    [
      "4 GB of data",
      (driver) =>
        driver.describe([
          [at.header, 16, 0],
          [at.data, 0xffff_ffff, 0],
          [at.status, 1, 2],
        ]),
    ],
  ])("%s: the device asks for a reset, and works after it", (_, prepare) => {
    const driver = new Driver().start();
    driver.header(0);
    prepare(driver);
    driver.submit();
    expect([driver.needsReset, driver.card.read(modern.interruptStatus, 1)]).toEqual([true, 2]);
    driver.view.setUint32(at.available, 0, true);
    driver.view.setUint32(at.used, 0, true);
    driver.start();
    expect(driver.request(0, 1, [[at.data, 512, 2]])).toBe(0);
  });

  test("whatever lies in its memory and registers, the device answers and goes on alike after save and restore", () => {
    const poke = fc.tuple(fc.nat(0x7fff), fc.nat(0xffff_ffff));
    const write = fc.tuple(fc.nat(0x3fff), fc.constantFrom<1 | 2 | 4>(1, 2, 4), fc.oneof(fc.nat(15), fc.nat(0xffff_ffff)));
    fc.assert(
      fc.property(fc.array(poke, { maxLength: 40 }), fc.array(write, { maxLength: 20 }), (pokes, writes) => {
        const driver = new Driver().start(feature.indirect | feature.eventIndex);
        for (const [address, value] of pokes) driver.view.setUint32(address, value, true);
        driver.submit();
        for (const [offset, width, value] of writes) driver.card.write(offset, width, value % 2 ** (8 * width));
        const other = new Driver();
        other.clock.jump(driver.clock.now());
        other.ram.set(driver.ram);
        other.image.set(driver.image);
        other.card.restore(other.card.shape.check(driver.card.save(), "card"));
        for (const each of [driver, other]) each.submit();
        expect(other.card.save()).toEqual(driver.card.save());
        expect(Buffer.from(other.ram).equals(driver.ram)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
