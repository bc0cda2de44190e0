import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccessSize } from "../bus/device.ts";
import { ManualClock } from "../clock/manual.ts";
import { processorDma } from "../bus/dma.ts";
import { memoryDisk } from "../disk/memory.ts";
import type { Disk } from "../disk/disk.ts";
import { command as pciCommand, config } from "../pci/function.ts";
import { IdeController } from "./controller.ts";

const sectors = 1000;
const image = (): Uint8Array => Uint8Array.from({ length: sectors * 512 }, (_, index) => (index >> 9) ^ (index * 3));

/** A controller with one disk on its first channel, 64 KB of memory, and a driver's ways to use it. */
class Bench {
  readonly clock = new ManualClock();
  readonly ram = new Uint8Array(0x1_0000);
  readonly data: Uint8Array = image();
  readonly controller: IdeController;
  interrupt = false;

  constructor(disk?: Disk, second?: Disk) {
    const dma = processorDma({ ram: this.ram, writePhysical: (address, bytes) => this.ram.set(bytes, address) });
    const disks = [{ disk: disk ?? memoryDisk(this.data), serial: "S1" }, second && { disk: second, serial: "S2" }];
    this.controller = new IdeController({ clock: this.clock, dma, interrupts: [(level) => (this.interrupt = level), () => {}], disks });
    for (const chip of [...this.controller.channels, ...this.controller.busMasters, this.controller.pci]) chip.reset();
    this.controller.pci.write(config.command, 2, pciCommand.ports | pciCommand.master);
  }

  get channel(): IdeController["channels"][0] {
    return this.controller.channels[0];
  }

  out(offset: number, ...values: readonly number[]): void {
    for (const value of values) this.channel.write(offset, 1, value);
  }

  /** Status when the drive has stopped being busy. */
  settle(): number {
    this.clock.advance(20e6);
    return this.channel.read(7, 1);
  }

  /** A 28-bit command. */
  command(code: number, lba = 0, count = 1): void {
    for (const [offset, value] of [count, lba, lba >> 8, lba >> 16, 0xe0 | (lba >> 24)].entries()) this.out(offset + 2, value & 0xff);
    this.out(7, code);
  }

  /** A 48-bit command. */
  commandExtended(code: number, lba: number, count: number): void {
    for (const shift of [24, 0]) for (const offset of [0, 1, 2]) this.out(offset + 3, (lba / 2 ** (shift + 8 * offset)) & 0xff);
    this.out(2, count >> 8, count & 0xff);
    this.out(6, 0xe0);
    this.out(7, code);
  }

  read(words: number, size: AccessSize = 2): number[] {
    return Array.from({ length: words }, () => this.channel.read(0, size));
  }

  readSector(): Uint8Array {
    return new Uint8Array(Uint16Array.from(this.read(256)).buffer);
  }

  writeSector(fill: number): void {
    for (let word = 0; word < 256; word++) this.channel.write(0, 2, fill * 0x101);
  }

  sector(lba: number): Uint8Array {
    return this.data.subarray(lba * 512, lba * 512 + 512);
  }

  /** Puts a descriptor table at 100h: pairs of address and length, the last one ends it. */
  table(...entries: readonly (readonly [number, number])[]): void {
    const view = new DataView(this.ram.buffer);
    for (const [index, [address, length]] of entries.entries()) {
      view.setUint32(0x100 + 8 * index, address, true);
      view.setUint32(0x104 + 8 * index, ((length & 0xffff) | (index === entries.length - 1 ? 0x8000_0000 : 0)) >>> 0, true);
    }
    this.controller.busMasters[0].write(4, 4, 0x100);
  }

  get busMaster(): IdeController["busMasters"][0] {
    return this.controller.busMasters[0];
  }
}

describe("ATA", () => {
  test("IDENTIFY DEVICE tells size, name and modes, with a checksum", () => {
    const bench = new Bench();
    bench.command(0xec);
    expect(bench.channel.read(8, 1)).toBe(0xd0);
    expect([bench.settle(), bench.interrupt]).toEqual([0x58, false]);
    const words = bench.read(256);
    const text = (at: number, length: number): string =>
      words
        .slice(at, at + length)
        .map((word) => String.fromCharCode(word >> 8, word & 0xff))
        .join("")
        .trim();
    expect([text(10, 10), text(27, 20)]).toEqual(["S1", "Mercury disk"]);
    expect([words[60], words[61], words[100]]).toEqual([sectors, 0, sectors]);
    expect(new Uint8Array(Uint16Array.from(words).buffer).reduce((sum, value) => sum + value, 0) & 0xff).toBe(0);
    expect(bench.channel.read(7, 1)).toBe(0x50);
  });

  test("READ SECTORS gives a sector and an interrupt at a time", () => {
    const bench = new Bench();
    bench.command(0x20, 5, 2);
    bench.clock.advance(1e6);
    expect(bench.interrupt).toBe(true);
    expect(bench.settle()).toBe(0x58);
    expect(bench.readSector()).toEqual(bench.sector(5));
    expect(bench.channel.read(8, 1) & 0x80).toBe(0x80);
    expect(bench.settle()).toBe(0x58);
    expect(bench.readSector()).toEqual(bench.sector(6));
    expect(bench.settle()).toBe(0x50);
  });

  test("READ MULTIPLE gives blocks as large as SET MULTIPLE MODE said, by dwords too", () => {
    const bench = new Bench();
    bench.command(0xc4, 0, 4);
    expect([bench.settle(), bench.channel.read(1, 1)]).toEqual([0x51, 4]);
    bench.command(0xc6, 0, 3);
    expect(bench.settle()).toBe(0x51);
    bench.command(0xc6, 0, 4);
    bench.settle();
    bench.command(0xc4, 10, 6);
    bench.settle();
    expect(new Uint8Array(Uint32Array.from(bench.read(512, 4)).buffer)).toEqual(bench.data.subarray(10 * 512, 14 * 512));
    expect(bench.settle()).toBe(0x58);
    expect([bench.readSector(), bench.readSector()]).toEqual([bench.sector(14), bench.sector(15)]);
    expect(bench.settle()).toBe(0x50);
  });

  test("WRITE SECTORS takes the first sector without an interrupt, and interrupts after each", () => {
    const bench = new Bench();
    bench.command(0x30, 7, 2);
    expect([bench.channel.read(7, 1), bench.interrupt]).toEqual([0x58, false]);
    bench.writeSector(0xa1);
    bench.clock.advance(1e6);
    expect([bench.interrupt, bench.settle()]).toEqual([true, 0x58]);
    bench.writeSector(0xa2);
    bench.clock.advance(1e6);
    expect([bench.interrupt, bench.settle()]).toEqual([true, 0x50]);
    expect([bench.sector(7)[0], bench.sector(8)[511], bench.sector(9)]).toEqual([0xa1, 0xa2, new Bench().sector(9)]);
  });

  test("48-bit commands take the two values of each register", () => {
    const bench = new Bench();
    bench.commandExtended(0x24, 900, 1);
    bench.settle();
    expect(bench.readSector()).toEqual(bench.sector(900));
    bench.commandExtended(0x24, 2 ** 40 + 5, 1);
    expect([bench.settle(), bench.channel.read(1, 1)]).toEqual([0x51, 0x10]);
    bench.out(8, 0x80);
    expect([3, 4, 5].map((offset) => bench.channel.read(offset, 1))).toEqual([0, 0, 1]);
  });

  test("cylinder, head and sector name sectors too", () => {
    const bench = new Bench();
    for (const [offset, value] of [1, 2, 0, 0, 0xa3].entries()) bench.out(offset + 2, value);
    bench.out(7, 0x20);
    bench.settle();
    expect(bench.readSector()).toEqual(bench.sector(3 * 63 + 1));
  });

  test.each([
    ["a sector beyond the end", 0x20, sectors, 1, 0x10],
    ["a range beyond the end", 0x40, sectors - 1, 2, 0x10],
    ["an unknown command", 0xa1, 0, 1, 0x04],
    ["an unknown feature", 0xef, 0, 1, 0x04],
  ])("%s is an error", (_, code, lba, count, errors) => {
    const bench = new Bench();
    bench.command(code, lba, count);
    expect([bench.settle(), bench.channel.read(1, 1)]).toEqual([0x51, errors]);
  });

  test("an error of the medium, and a write to a read-only disk, are errors of the guest alone", () => {
    const fail = (): never => {
      throw new Error("the host's disk is broken");
    };
    const bench = new Bench({ sectors, readOnly: false, read: fail, write: fail, flush: fail, close: () => {} });
    bench.command(0x20);
    expect([bench.settle(), bench.channel.read(1, 1)]).toEqual([0x51, 0x40]);
    bench.command(0xe7);
    expect(bench.settle()).toBe(0x51);
    const protectedBench = new Bench(memoryDisk(image(), true));
    protectedBench.command(0x30);
    expect([protectedBench.settle(), protectedBench.channel.read(1, 1)]).toEqual([0x51, 4]);
  });

  test("a soft reset leaves the signature, whatever was under way", () => {
    const bench = new Bench();
    bench.command(0x20, 5, 2);
    bench.out(8, 4);
    bench.out(8, 0);
    expect([1, 2, 3, 4, 5, 7].map((offset) => bench.channel.read(offset, 1))).toEqual([1, 1, 1, 0, 0, 0x50]);
    expect(bench.settle()).toBe(0x50);
  });

  test("a drive that is not there reads as zeros, a channel without drives floats", () => {
    const bench = new Bench();
    bench.out(6, 0xb0);
    bench.out(2, 0x55);
    expect([bench.channel.read(2, 1), bench.channel.read(7, 1)]).toEqual([0, 0]);
    expect(bench.controller.channels[1].read(7, 1) & 0xff).toBe(0x7f);
  });

  test("two drives share a channel", () => {
    const bench = new Bench(undefined, memoryDisk(new Uint8Array(512).fill(0x77)));
    bench.out(6, 0xf0);
    bench.out(2, 1);
    for (const offset of [3, 4, 5]) bench.out(offset, 0);
    bench.out(7, 0x20);
    bench.out(8, 2);
    bench.clock.advance(1e6);
    expect(bench.interrupt).toBe(false);
    bench.out(8, 0);
    expect(bench.interrupt).toBe(true);
    expect(bench.readSector()[9]).toBe(0x77);
  });
});

describe("the IDE bus master", () => {
  test("a read goes to the pieces of memory that the table names", () => {
    const bench = new Bench();
    bench.table([0x1000, 300], [0x8000, 724]);
    bench.command(0xc8, 20, 2);
    bench.clock.advance(1e6);
    expect(bench.interrupt).toBe(false);
    bench.busMaster.write(0, 1, 9);
    expect(bench.busMaster.read(2, 1)).toBe(1);
    bench.clock.advance(1e6);
    expect([bench.interrupt, bench.busMaster.read(2, 1), bench.settle()]).toEqual([true, 4, 0x50]);
    expect([...bench.ram.subarray(0x1000, 0x112c), ...bench.ram.subarray(0x8000, 0x82d4)]).toEqual([
      ...bench.data.subarray(20 * 512, 22 * 512),
    ]);
  });

  test("a write comes from them", () => {
    const bench = new Bench();
    bench.ram.fill(0x5a, 0x2000, 0x2400);
    bench.table([0x2000, 0x400]);
    bench.busMaster.write(0, 1, 1);
    bench.commandExtended(0x35, 30, 2);
    bench.clock.advance(1e6);
    expect([bench.settle(), bench.sector(31)[511], bench.sector(32)[0]]).toEqual([0x50, 0x5a, image()[32 * 512]]);
  });

  test("memory that is not there is an error, and nothing outside RAM is touched", () => {
    const bench = new Bench();
    bench.table([0xfff0, 512]);
    bench.busMaster.write(0, 1, 9);
    bench.command(0xc8);
    expect([bench.settle(), bench.busMaster.read(2, 1) & 7]).toEqual([0x51, 6]);
  });

  test("a table that is too short leaves the drive waiting, and a reset frees it", () => {
    const bench = new Bench();
    bench.table([0x1000, 512]);
    bench.busMaster.write(0, 1, 9);
    bench.command(0xc8, 0, 2);
    bench.clock.advance(1e6);
    expect([bench.interrupt, bench.busMaster.read(2, 1) & 1]).toEqual([false, 0]);
    bench.busMaster.write(0, 1, 0);
    bench.out(8, 4);
    bench.out(8, 0);
    bench.command(0xec);
    expect(bench.settle()).toBe(0x58);
  });

  test("without the bus master bit in the command register nothing moves", () => {
    const bench = new Bench();
    bench.controller.pci.write(config.command, 2, pciCommand.ports);
    bench.table([0x1000, 512]);
    bench.busMaster.write(0, 1, 9);
    bench.command(0xc8);
    expect([bench.settle(), bench.ram[0x1001]]).toEqual([0x51, 0]);
  });
});

const access = fc.oneof(
  fc.record({
    kind: fc.constant("port" as const),
    offset: fc.nat(8),
    size: fc.constantFrom<AccessSize>(1, 2, 4),
    value: fc.nat(0xffff_ffff),
  }),
  fc.record({
    kind: fc.constant("command" as const),
    code: fc.constantFrom(0x20, 0x30, 0xc4, 0xc5, 0xc6, 0xc8, 0xca, 0x24, 0x35, 0xec, 0xef),
    lba: fc.nat(sectors + 2),
    count: fc.nat(20),
  }),
  fc.record({
    kind: fc.constant("master" as const),
    offset: fc.nat(7),
    size: fc.constantFrom<AccessSize>(1, 2, 4),
    value: fc.nat(0xffff_ffff),
  }),
  fc.record({ kind: fc.constant("time" as const), length: fc.nat(200_000) }),
  fc.record({ kind: fc.constant("data" as const), count: fc.nat(600) }),
);
type Access = typeof access extends fc.Arbitrary<infer Value> ? Value : never;

function apply(bench: Bench, step: Access): void {
  if (step.kind === "port") {
    const size = step.offset + step.size > 9 ? 1 : step.size;
    bench.channel.write(step.offset, size, step.value % 2 ** (8 * size));
    bench.channel.read(step.offset, 1);
  } else if (step.kind === "command") bench.command(step.code, step.lba, step.count);
  else if (step.kind === "master") bench.busMaster.write(step.offset & -step.size, step.size, step.value % 2 ** (8 * step.size));
  else if (step.kind === "time") bench.clock.advance(step.length);
  else bench.read(step.count);
}

describe("IDE under any use", () => {
  test("it answers, stays alive, and goes on alike after save and restore", () => {
    fc.assert(
      fc.property(fc.array(access, { maxLength: 60 }), fc.nat(59), (steps, at) => {
        const bench = new Bench();
        let other: Bench | undefined;
        for (const [index, step] of steps.entries()) {
          if (index === at) {
            other = new Bench();
            other.data.set(bench.data);
            other.ram.set(bench.ram);
            other.clock.jump(bench.clock.now());
            for (const half of ["channels", "busMasters"] as const)
              for (const number of [0, 1] as const) {
                const [from, to] = [bench.controller[half][number], other.controller[half][number]];
                // Chip and state are of the same kind.
                to.restore(to.shape.check(from.save(), half) as never);
              }
          }
          apply(bench, step);
          if (other !== undefined) apply(other, step);
        }
        if (other !== undefined) {
          expect(other.channel.save()).toEqual(bench.channel.save());
          expect(Buffer.from(other.data).equals(bench.data)).toBe(true);
          expect(other.interrupt).toBe(bench.interrupt);
        }
        bench.busMaster.write(0, 1, 0);
        bench.out(8, 4);
        bench.out(8, 0);
        bench.command(0xec);
        expect(bench.settle()).toBe(0x58);
      }),
      { numRuns: 100 },
    );
  });
});
