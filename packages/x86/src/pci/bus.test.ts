import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AccessSize } from "../bus/device.ts";
import { MemoryBus } from "../bus/memory.ts";
import { PortBus } from "../bus/ports.ts";
import { PciBus } from "./bus.ts";
import { isaBridge, routingRegister } from "./chipset.ts";
import { PciFunction } from "./function.ts";
import { PciInterrupts } from "./interrupts.ts";
import { setUpPci } from "./setup.ts";

/** A function with 32 ports and 4 KB of memory, whose device answers with its offset. */
function world(): { bus: PciBus; ports: PortBus; memory: MemoryBus; card: PciFunction; pins: string[] } {
  const pins: string[] = [];
  const ports = new PortBus();
  const memory = new MemoryBus();
  const bus = new PciBus(ports, memory, ({ slot }, pin, level) => pins.push(`${slot}.${pin}=${level}`));
  const device = { read: (offset: number) => offset, write: () => {} };
  const card = new PciFunction({
    name: "card",
    vendor: 0x1234,
    device: 0x5678,
    classCode: 0x018000,
    pin: 1,
    bars: [
      { index: 0, space: "ports", size: 32, device, width: 4 },
      { index: 1, space: "memory", size: 4096, device, width: 4 },
    ],
    capabilities: [
      { id: 9, body: [16, 1, 2] },
      { id: 9, body: [16, 2, 3] },
    ],
  });
  bus.plug({ slot: 3, function: 0 }, card);
  return { bus, ports, memory, card, pins };
}

const address = (slot: number, register: number): number => (0x8000_0000 + slot * 0x800 + (register & 0xfc)) >>> 0;

function configRead(bus: PciBus, slot: number, register: number, size: AccessSize = 4): number {
  bus.write(0, 4, address(slot, register));
  return bus.read(4 + (register & 3), size);
}

function configWrite(bus: PciBus, slot: number, register: number, value: number, size: AccessSize = 4): void {
  bus.write(0, 4, address(slot, register));
  bus.write(4 + (register & 3), size, value);
}

describe("PCI configuration mechanism 1", () => {
  test("names a function, and reads ones where there is none", () => {
    const { bus } = world();
    expect(configRead(bus, 3, 0)).toBe(0x5678_1234);
    expect(configRead(bus, 3, 0x0a, 2)).toBe(0x0180);
    expect(configRead(bus, 4, 0)).toBe(0xffff_ffff);
    bus.write(0, 4, address(3, 0) + 0x1_0000);
    expect(bus.read(4, 4)).toBe(0xffff_ffff);
    bus.write(0, 4, address(3, 0) - 0x8000_0000);
    expect(bus.read(4, 4)).toBe(0xffff_ffff);
  });

  test("only whole dwords reach the address register", () => {
    const { bus } = world();
    bus.write(0, 4, address(3, 8));
    bus.write(0, 1, 0);
    bus.write(1, 1, 6);
    expect(bus.read(0, 4)).toBe(address(3, 8));
  });

  test("a base address register tells its size", () => {
    const { bus } = world();
    for (const register of [0x10, 0x14, 0x18]) configWrite(bus, 3, register, 0xffff_ffff);
    expect([0x10, 0x14, 0x18].map((register) => configRead(bus, 3, register))).toEqual([0xffff_ffe1, 0xffff_f000, 0]);
  });

  test("what base addresses decode moves with them, and only while the command register lets it", () => {
    const { bus, ports, memory } = world();
    setUpPci(bus, 0x600);
    const io = configRead(bus, 3, 0x10) - 1;
    expect([ports.read(io + 5, 1), memory.read(configRead(bus, 3, 0x14) + 8, 4)]).toEqual([5, 8]);
    configWrite(bus, 3, 0x10, 0xd000);
    expect([ports.read(0xd005, 1), ports.read(io + 5, 1)]).toEqual([5, 0xff]);
    configWrite(bus, 3, 4, 0, 2);
    expect(ports.read(0xd005, 1)).toBe(0xff);
  });

  test("a base address on somebody else's ports does not answer, nor harm", () => {
    const { bus, ports } = world();
    ports.map({ name: "other", base: 0x60, length: 1, device: { read: () => 0x77, write: () => {} }, width: 1 });
    setUpPci(bus, 0x600);
    configWrite(bus, 3, 0x10, 0x60);
    expect([ports.read(0x60, 1), ports.read(0x61, 1)]).toEqual([0x77, 0xff]);
    configWrite(bus, 3, 0x10, 0x80);
    expect(ports.read(0x81, 1)).toBe(1);
  });

  test("capabilities are a chain", () => {
    const { bus, card } = world();
    expect(configRead(bus, 3, 6, 2) & 0x10).toBe(0x10);
    const first = configRead(bus, 3, 0x34, 1);
    const second = configRead(bus, 3, first + 1, 1);
    expect([first, second]).toEqual([card.capability(9), card.capability(9, 1)]);
    expect([configRead(bus, 3, second + 3, 1), configRead(bus, 3, second + 1, 1)]).toEqual([2, 0]);
  });

  test("the command register holds the interrupt back, the status register shows it", () => {
    const { bus, card, pins } = world();
    card.setInterrupt(true);
    expect(configRead(bus, 3, 6, 2) & 8).toBe(8);
    configWrite(bus, 3, 4, 0x400, 2);
    configWrite(bus, 3, 4, 0, 2);
    card.setInterrupt(false);
    expect(pins.filter((pin, index) => pin !== pins[index - 1])).toEqual(["3.1=true", "3.1=false", "3.1=true", "3.1=false"]);
  });

  test("whatever is written, reads answer, constant fields stay, and state survives save and restore", () => {
    const write = fc.tuple(fc.nat(255), fc.constantFrom<AccessSize>(1, 2, 4), fc.nat(0xffff_ffff));
    fc.assert(
      fc.property(fc.array(write, { maxLength: 40 }), (writes) => {
        const { bus, card } = world();
        for (const [register, size, value] of writes) configWrite(bus, 3, register & -size, value, size);
        expect(configRead(bus, 3, 0)).toBe(0x5678_1234);
        const other = world();
        other.card.restore(card.shape.check(card.save(), "card"));
        expect(other.card.save()).toEqual(card.save());
      }),
    );
  });
});

describe("PCI interrupts", () => {
  test("pins share a wire, which drives the line that its register names", () => {
    const log: string[] = [];
    const bridge = new PciFunction(isaBridge);
    const wires = [0, 1, 2, 3].map((wire) => (level: boolean) => void log.push(`wire${wire}=${level}`));
    const interrupts = new PciInterrupts(
      (wire) => bridge.read(routingRegister + wire, 1),
      (line, wire, level) => void log.push(`line${line}/${wire}=${level}`),
      wires,
    );
    interrupts.setPin({ slot: 3, function: 0 }, 1, true);
    expect(log.splice(0)).toEqual(["wire2=true"]);
    bridge.write(routingRegister + 2, 1, 11);
    interrupts.reroute();
    expect(log.splice(0)).toEqual(["line11/2=true"]);
    interrupts.setPin({ slot: 7, function: 0 }, 1, true);
    interrupts.setPin({ slot: 3, function: 0 }, 1, false);
    expect(log.splice(0)).toEqual(["wire2=true", "line11/2=true", "wire2=true", "line11/2=true"]);
    bridge.write(routingRegister + 2, 1, 5);
    interrupts.reroute();
    expect(log.splice(0)).toEqual(["line11/2=false", "line5/2=true"]);
    interrupts.setPin({ slot: 7, function: 0 }, 1, false);
    expect(log.splice(0)).toEqual(["wire2=false", "line5/2=false"]);
  });
});
