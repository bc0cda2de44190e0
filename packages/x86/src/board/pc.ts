import type { Device, Pin } from "../bus/device.ts";
import { MemoryBus } from "../bus/memory.ts";
import { PortBus } from "../bus/ports.ts";
import type { Clock } from "../clock/clock.ts";
import { I8042 } from "../chips/i8042.ts";
import { IsaDebugExit } from "../chips/isa-debug-exit.ts";
import { Pic8259 } from "../chips/pic8259.ts";
import { Pit8254 } from "../chips/pit8254.ts";
import { PowerControl, ResetControl } from "../chips/power.ts";
import { Rtc } from "../chips/rtc.ts";
import { SystemControlB } from "../chips/system-control.ts";
import { Uart16550 } from "../chips/uart16550.ts";
import { byte, list, record, type Shape } from "../snapshot/shape.ts";

/** Interrupt lines by the name of what drives them (IBM PC/AT). */
export const lines = { timer: 0, keyboard: 1, com2: 3, com1: 4, rtc: 8 } as const;
export type LineName = keyof typeof lines;

/** What the board does to the machine around it. */
export interface BoardOptions {
  readonly clock: Clock;
  /** Bytes of RAM, which the firmware would leave in CMOS memory. */
  readonly memory: number;
  /** Milliseconds since 1970, UTC, at power-on. */
  readonly epoch: number;
  /** INTR of the processor. */
  readonly interrupt: Pin;
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
  private readonly master: Pic8259;
  private readonly slave: Pic8259;
  /** Lines 3 and 4 serve two ports each: a line is up while any of its drivers is. */
  private drivers: number[] = Array.from({ length: 16 }, () => 0);
  private readonly devices: ReadonlyMap<string, Device>;

  constructor(options: BoardOptions) {
    this.slave = new Pic8259((level) => this.master.setInput(2, level));
    this.master = new Pic8259(options.interrupt, (input) => (input === 2 ? this.slave : undefined));
    const uart = (port: 0 | 1 | 2, line: number): Uart16550 =>
      new Uart16550(this.driver(line, port), (byte) => options.transmit(port, byte));
    this.serial = [uart(0, lines.com1), uart(1, lines.com2), uart(2, lines.com1)];
    this.timer = new Pit8254(options.clock, [this.driver(lines.timer, 0), () => {}, () => {}]);
    const rtc = new Rtc(options.clock, this.driver(lines.rtc, 0), options.epoch, cmosMemory(options.memory));
    const system = new SystemControlB(this.timer, () => options.clock.now());
    const keyboard = new I8042(options.reset);
    const [com1, com2, com3] = this.serial;
    const power = new PowerControl(options.powerOff);
    const resetControl = new ResetControl(options.reset);
    const debugExit = new IsaDebugExit(options.exit);

    const put = (name: string, base: number, length: number, device: Pick<Device, "read" | "write">, width: 1 | 2 | 4 = 1): void =>
      this.ports.map({ name, base, length, device, width });
    put("pic1", 0x20, 2, this.master);
    put("pit", 0x40, 4, this.timer);
    put("keyboard data", 0x60, 1, keyboard);
    put("system control", 0x61, 1, system);
    put("keyboard command", 0x64, 1, {
      read: (_, size) => keyboard.read(4, size),
      write: (_, size, value) => keyboard.write(4, size, value),
    });
    put("rtc", 0x70, 2, rtc);
    put("pic2", 0xa0, 2, this.slave);
    put("debug exit", 0xf4, 4, debugExit, 4);
    put("com2", 0x2f8, 8, com2);
    put("com3", 0x3e8, 8, com3);
    put("com1", 0x3f8, 8, com1);
    put("elcr1", 0x4d0, 1, edgeLevelControl(this.master));
    put("elcr2", 0x4d1, 1, edgeLevelControl(this.slave));
    put("power", 0x604, 2, power, 2);
    put("reset control", 0xcf9, 1, resetControl);
    this.devices = new Map<string, Device>([
      ["pit", this.timer],
      ["rtc", rtc],
      ["system", system],
      ["keyboard", keyboard],
      ["com1", com1],
      ["com2", com2],
      ["com3", com3],
      ["power", power],
      ["reset", resetControl],
      // Last, as the others move their lines while they are restored, and these remember edges.
      ["pic2", this.slave],
      ["pic1", this.master],
    ]);
  }

  /** Drives interrupt line 0 to 15 on behalf of a device of no chip: tests and debuggers. */
  setLine(line: number, level: boolean): void {
    this.drive(line, 7, level);
  }

  /** The interrupt acknowledge cycle. */
  acknowledge(): number {
    return this.master.acknowledge();
  }

  reset(): void {
    for (const device of this.devices.values()) device.reset();
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
      if (device === this.slave) this.drivers = [...state.drivers];
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
    const pic = line < 8 ? this.master : this.slave;
    pic.setInput(line & 7, after !== 0);
  }
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

/** CMOS cells in which a PC's firmware leaves the memory size: kilobytes above 1 MB, and 64 KB units above 16 MB. */
function cmosMemory(bytes: number): ReadonlyMap<number, number> {
  const extended = Math.min((bytes - 0x10_0000) / 1024, 0xffff);
  const above16 = Math.max(0, (bytes - 0x100_0000) / 0x1_0000);
  return new Map([
    [0x15, 640 & 0xff],
    [0x16, 640 >> 8],
    [0x17, extended & 0xff],
    [0x18, extended >> 8],
    [0x30, extended & 0xff],
    [0x31, extended >> 8],
    [0x34, above16 & 0xff],
    [0x35, above16 >> 8],
  ]);
}
