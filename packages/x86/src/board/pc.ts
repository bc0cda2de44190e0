import type { AccessSize, Device, Pin } from "../bus/device.ts";
import type { Dma } from "../bus/dma.ts";
import { MemoryBus } from "../bus/memory.ts";
import { PortBus } from "../bus/ports.ts";
import type { Clock } from "../clock/clock.ts";
import { I8042 } from "../chips/ps2/controller.ts";
import { FloatError } from "../chips/float-error.ts";
import { IsaDebugExit } from "../chips/isa-debug-exit.ts";
import type { Pic8259 } from "../chips/pic8259.ts";
import { Pit8254 } from "../chips/pit8254.ts";
import { AcpiPower } from "../chips/acpi-power.ts";
import { ResetControl } from "../chips/reset-control.ts";
import { SystemControlA } from "../chips/system-control-a.ts";
import { cmosMemory } from "./cmos.ts";
import type { AttachedDisk } from "../disk/attached.ts";
import { Interrupts, ioApicInput } from "./interrupts.ts";
import { PciBoard, powerPorts } from "./pci.ts";
import { Rtc } from "../chips/rtc.ts";
import { SystemControlB } from "../chips/system-control.ts";
import { Uart16550 } from "../chips/uart16550.ts";
import { wireLines } from "../pci/setup.ts";
import { byte, list, record, type Shape } from "../snapshot/shape.ts";

/** Interrupt lines by the name of what drives them (IBM PC/AT). */
export const lines = { timer: 0, keyboard: 1, com2: 3, com1: 4, rtc: 8, power: 9, mouse: 12, floatError: 13, ide1: 14, ide2: 15 } as const;
/** Name of an interrupt line. */
export type LineName = keyof typeof lines;

/** What the board does to the machine around it. */
export interface BoardOptions {
  readonly clock: Clock;
  /** Bytes of RAM, which the firmware would leave in CMOS memory. */
  readonly memory: number;
  /** Milliseconds since 1970, UTC, at power-on. */
  readonly epoch: number;
  /** Guest RAM, for the devices that reach it by themselves. */
  readonly dma: Dma;
  readonly disks: readonly AttachedDisk[];
  /** INTR of the processor. */
  readonly interrupt: Pin;
  /** An edge of NMI. */
  readonly nmi: () => void;
  /** A byte leaves COM1, COM2 or COM3. */
  readonly transmit: (port: 0 | 1 | 2, byte: number) => void;
  readonly exit: (code: number) => void;
  readonly powerOff: () => void;
  readonly reset: () => void;
}

/** Saved state of a board, as plain data. */
export interface BoardState {
  readonly chips: Readonly<Record<string, unknown>>;
  /** By line: the drivers that hold it up, a bit each. */
  readonly drivers: readonly number[];
}

/** The chips of a PC/AT, and which sits where. */
export class Board {
  readonly ports: PortBus = new PortBus();
  /** Physical addresses outside RAM. */
  readonly memory: MemoryBus = new MemoryBus();
  readonly serial: readonly [Uart16550, Uart16550, Uart16550];
  readonly timer: Pit8254;
  /** The x87 unit's FERR# and IGNNE#. */
  readonly floatError: FloatError;
  private readonly pci: PciBoard;
  private readonly interrupts: Interrupts;
  /** Lines 3 and 4 serve two ports each: a line is up while any of its drivers is. */
  private drivers: number[] = Array.from({ length: 16 }, () => 0);
  private readonly devices: ReadonlyMap<string, Device>;

  constructor(options: BoardOptions) {
    this.interrupts = new Interrupts(options.clock, this.memory, {
      interrupt: options.interrupt,
      nmi: options.nmi,
      init: options.reset,
    });
    const { master, slave } = this.interrupts;
    const uart = (port: 0 | 1 | 2, line: number): Uart16550 =>
      new Uart16550(this.driver(line, port), (byte) => options.transmit(port, byte));
    this.serial = [uart(0, lines.com1), uart(1, lines.com2), uart(2, lines.com1)];
    this.timer = new Pit8254(options.clock, [this.driver(lines.timer, 0), () => {}, () => {}]);
    const rtc = new Rtc(options.clock, this.driver(lines.rtc, 0), options.epoch, cmosMemory(options.memory));
    const system = new SystemControlB(this.timer, () => options.clock.now());
    const keyboard = new I8042(options.reset, { keyboard: this.driver(lines.keyboard, 0), mouse: this.driver(lines.mouse, 0) });
    this.floatError = new FloatError(this.driver(lines.floatError, 0));
    const [com1, com2, com3] = this.serial;
    const power = new AcpiPower(options.clock, this.driver(lines.power, 0), options.powerOff);
    const systemA = new SystemControlA(options.reset);
    const resetControl = new ResetControl(options.reset);
    const debugExit = new IsaDebugExit(options.exit);

    this.pci = new PciBoard({
      ports: this.ports,
      memory: this.memory,
      clock: options.clock,
      dma: options.dma,
      disks: options.disks,
      ideInterrupts: [this.driver(lines.ide1, 0), this.driver(lines.ide2, 0)],
      // Lines have eight drivers; those of the PCI wires are 3 to 6.
      line: (line, wire, level) => this.drive(line, 3 + wire, level),
      wires: [0, 1, 2, 3].map((wire) => (level) => this.interrupts.setInput(ioApicInput.pci + wire, level)),
    });

    const put = (name: string, base: number, length: number, device: Pick<Device, "read" | "write">, width: AccessSize = 1): void =>
      this.ports.map({ name, base, length, device, width });
    put("pic1", 0x20, 2, master);
    put("pit", 0x40, 4, this.timer);
    put("keyboard data", 0x60, 1, keyboard);
    put("system control", 0x61, 1, system);
    put("keyboard command", 0x64, 1, {
      read: (_, size) => keyboard.read(4, size),
      write: (_, size, value) => keyboard.write(4, size, value),
    });
    put("rtc", 0x70, 2, rtc);
    put("system control a", 0x92, 1, systemA);
    put("pic2", 0xa0, 2, slave);
    put("float error", 0xf0, 2, this.floatError);
    put("debug exit", 0xf4, 4, debugExit, 4);
    put("com2", 0x2f8, 8, com2);
    put("com3", 0x3e8, 8, com3);
    put("com1", 0x3f8, 8, com1);
    put("elcr1", 0x4d0, 1, edgeLevelControl(master));
    put("elcr2", 0x4d1, 1, edgeLevelControl(slave));
    put("power", powerPorts, 12, power, 4);
    put("pci configuration", 0xcf8, 8, configurationPorts(this.pci.bus, resetControl), 4);
    this.devices = new Map<string, Device>([
      ["pit", this.timer],
      ["rtc", rtc],
      ["system", system],
      ["keyboard", keyboard],
      ["com1", com1],
      ["com2", com2],
      ["com3", com3],
      ["float error", this.floatError],
      ["power", power],
      ["reset", resetControl],
      ["system a", systemA],
      ...this.pci.devices,
      // Last, as the others move their lines while they are restored.
      ...this.interrupts.devices,
    ]);
  }

  /** Drives interrupt line 0 to 15 on behalf of a device of no chip: tests and debuggers. */
  setLine(line: number, level: boolean): void {
    this.drive(line, 7, level);
  }

  /** Where the processor's local APIC answers, if at all. */
  moveLocalApic(base: number | undefined): void {
    this.interrupts.moveLocalApic(base);
  }

  /** The interrupt acknowledge cycle. */
  acknowledge(): number {
    return this.interrupts.acknowledge();
  }

  reset(): void {
    for (const device of this.devices.values()) device.reset();
    this.pci.setUp();
    this.interrupts.setVirtualWire();
    // PCI interrupts are levels (PCI 3.0, 2.2.6), and so is that of the power management.
    this.interrupts.slave.levelTriggered = [...wireLines, lines.power].reduce((inputs, line) => inputs | (1 << (line - 8)), 0);
  }

  /** The state of every chip by its name, and who drives which line. */
  save(): BoardState {
    const chips = Object.fromEntries([...this.devices].map(([name, device]) => [name, device.save()]));
    return { chips, drivers: [...this.drivers] };
  }

  /** What `restore` takes: the chips of this board, no more and no fewer. */
  get shape(): Shape<BoardState> {
    const chips = Object.fromEntries([...this.devices].map(([name, device]) => [name, device.shape]));
    return record({ chips: record<Record<string, unknown>>(chips), drivers: list(byte, { exactly: 16 }) });
  }

  /** Goes on from saved state, which has this board's shape. */
  restore(state: BoardState): void {
    // What a chip does to its line meanwhile is overwritten below.
    for (const [name, device] of this.devices) {
      if (device === this.interrupts.slave) this.drivers = [...state.drivers];
      device.restore(state.chips[name]);
    }
  }

  private driver(line: number, index: number): Pin {
    return (level) => this.drive(line, index, level);
  }

  private drive(line: number, index: number, level: boolean): void {
    const before = this.drivers[line] ?? 0;
    const after = level ? before | (1 << index) : before & ~(1 << index);
    this.drivers[line] = after;
    this.interrupts.setLine(line, after !== 0);
  }
}

/** The configuration ports, among which the reset control register has the second byte of the address. */
function configurationPorts(bus: Device, reset: Device): Pick<Device, "read" | "write"> {
  const owner = (offset: number, size: AccessSize): Device => (offset === 1 && size === 1 ? reset : bus);
  return {
    read: (offset, size) => owner(offset, size).read(offset, size),
    write: (offset, size, value) => owner(offset, size).write(offset, size, value),
  };
}

/** ELCR, an EISA register: bit n makes input n level triggered. */
function edgeLevelControl(pic: Pic8259): Pick<Device, "read" | "write"> {
  return {
    read: () => pic.levelTriggered,
    write: (_offset, _size, value) => {
      pic.levelTriggered = value;
    },
  };
}
