import type { Device, Pin } from "../bus/device.ts";
import type { MemoryBus, MemoryRegion } from "../bus/memory.ts";
import { IoApic } from "../chips/io-apic.ts";
import { LocalApic } from "../chips/local-apic.ts";
import { Pic8259 } from "../chips/pic8259.ts";
import type { Clock } from "../clock/clock.ts";

/** Where PCs have their I/O APIC (Intel 290566, 3.0). */
export const ioApicBase = 0xfec0_0000;
/** Its ID on the APIC bus; the processor's is 0. */
export const ioApicId = 1;
const pageLength = 0x1000;

/** Inputs of the I/O APIC: 0 is the 8259A's INT, the timer's line 0 arrives at 2, and 16 on are PCI's (MP specification 1.4, 3.6.2.3). */
export const ioApicInput = { pic: 0, timer: 2, pci: 16 } as const;

/** What the interrupt controllers do to the processor. */
export interface InterruptPins {
  readonly interrupt: Pin;
  readonly nmi: () => void;
  readonly init: () => void;
}

/**
 * The interrupt controllers of a PC and the wires between them. An ISA line leads to the 8259A pair and to the I/O APIC, and the
 * 8259A's INT to both APICs, so that every kernel finds the one it knows; firmware leaves them in virtual wire mode.
 */
export class Interrupts {
  readonly master: Pic8259;
  readonly slave: Pic8259;
  readonly ioApic: IoApic;
  readonly localApic: LocalApic;
  private readonly memory: MemoryBus;
  private region: MemoryRegion | undefined;

  constructor(clock: Clock, memory: MemoryBus, pins: InterruptPins) {
    this.memory = memory;
    this.localApic = new LocalApic(clock, { ...pins, endOfLevel: (vector) => this.ioApic.endOfLevel(vector) });
    this.ioApic = new IoApic({
      send: (message) => this.localApic.accept(message),
      external: (level) => this.localApic.setExternal(level),
    });
    this.slave = new Pic8259((level) => this.master.setInput(2, level));
    this.master = new Pic8259(
      (level) => {
        this.ioApic.setInput(ioApicInput.pic, level);
        this.localApic.setLint0(level);
      },
      (input) => (input === 2 ? this.slave : undefined),
    );
    memory.map({ name: "i/o apic", base: ioApicBase, length: pageLength, device: this.ioApic, width: 4 });
  }

  /** Chips by name, those that remember edges last: the others move their lines while they are restored. */
  get devices(): readonly (readonly [string, Device])[] {
    return [
      ["pic2", this.slave],
      ["pic1", this.master],
      ["ioapic", this.ioApic],
      ["lapic", this.localApic],
    ];
  }

  /** As firmware leaves them after power-on. */
  setVirtualWire(): void {
    this.localApic.setVirtualWire();
    this.ioApic.setId(ioApicId);
  }

  /** An ISA line, 0 to 15. */
  setLine(line: number, level: boolean): void {
    const pic = line < 8 ? this.master : this.slave;
    pic.setInput(line & 7, level);
    // Line 2 is the cascade, and input 0 the 8259A's own.
    if (line !== 2) this.ioApic.setInput(line === 0 ? ioApicInput.timer : line, level);
  }

  /** An input of the I/O APIC that no ISA line has: 16 to 23. */
  setInput(input: number, level: boolean): void {
    this.ioApic.setInput(input, level);
  }

  /** IA32_APIC_BASE places the local APIC, or disables it. Where something else answers already it is not seen. */
  moveLocalApic(base: number | undefined): void {
    if (this.region !== undefined) this.memory.unmap(this.region);
    this.region = undefined;
    this.localApic.setPresent(base !== undefined);
    if (base === undefined || this.memory.overlapping(base, pageLength) !== undefined) return;
    this.region = { name: "local apic", base, length: pageLength, device: this.localApic, width: 4 };
    this.memory.map(this.region);
  }

  /** The interrupt acknowledge cycle. */
  acknowledge(): number {
    return this.localApic.acknowledge() ?? this.master.acknowledge();
  }
}
