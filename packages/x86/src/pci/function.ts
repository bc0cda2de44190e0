import type { AccessSize, Device, Pin } from "../bus/device.ts";
import { bytes, flag, record, type Shape } from "../snapshot/shape.ts";
import type { BaseAddress, ConfigWindow, FunctionDescription } from "./description.ts";

/** Offsets in the header of type 0 (PCI 3.0, figure 6-1). */
export const config = {
  vendor: 0x00,
  device: 0x02,
  command: 0x04,
  status: 0x06,
  revision: 0x08,
  headerType: 0x0e,
  baseAddresses: 0x10,
  subsystemVendor: 0x2c,
  subsystem: 0x2e,
  capabilities: 0x34,
  interruptLine: 0x3c,
  interruptPin: 0x3d,
} as const;
/** Bits of the command register (6.2.2). */
export const command = { ports: 0x0001, memory: 0x0002, master: 0x0004, systemError: 0x0100, interruptDisable: 0x0400 } as const;
/** Bits of the status register (6.2.3). */
const status = { interrupt: 0x08, capabilities: 0x10 } as const;
const configSize = 256;
const firstCapability = 0x40;

export interface PciFunctionState {
  config: Uint8Array;
  interrupt: boolean;
}

/** The low bits of a base address register that say what it is. */
const kindBits = ({ space }: BaseAddress): number => (space === "ports" ? 1 : 0);

/**
 * One function's configuration space: constant bits, writable bits, and what its device computes. Offsets are those of the
 * space. `changed` hears of writes to the command and base address registers.
 */
export class PciFunction implements Device<PciFunctionState> {
  readonly shape: Shape<PciFunctionState> = record({ config: bytes, interrupt: flag });
  readonly description: FunctionDescription;
  readonly #bytes = new Uint8Array(configSize);
  readonly #writable = new Uint8Array(configSize);
  readonly #initial: Uint8Array;
  #window: ConfigWindow | undefined;
  #interrupt = false;
  /** The function's INTx pin and the bus's ear; the bus sets both when the function is plugged in. */
  pin: Pin = () => {};
  changed: () => void = () => {};

  constructor(description: FunctionDescription) {
    this.description = description;
    this.#describe();
    this.#addCapabilities();
    for (const { offset, initial, writable } of description.registers ?? []) {
      this.#bytes.set(initial, offset);
      this.#writable.set(writable, offset);
    }
    this.#initial = this.#bytes.slice();
  }

  /** Lets a device answer for part of the space. */
  setWindow(window: ConfigWindow): void {
    this.#window = window;
  }

  /** Where the first capability with an id lies; 0 when there is none. */
  capability(id: number, nth = 0): number {
    let seen = 0;
    for (let at = this.#byte(config.capabilities); at !== 0; at = this.#byte(at + 1))
      if (this.#byte(at) === id && seen++ === nth) return at;
    return 0;
  }

  reset(): void {
    this.#bytes.set(this.#initial);
    this.#interrupt = false;
    this.#drive();
    this.changed();
  }

  save(): PciFunctionState {
    return { config: this.#bytes.slice(), interrupt: this.#interrupt };
  }

  /** Only bits that software could have written are taken. */
  restore(state: PciFunctionState): void {
    for (let at = 0; at < configSize; at++) this.#setByte(at, state.config[at] ?? 0);
    this.#interrupt = state.interrupt;
    this.#drive();
    this.changed();
  }

  read(offset: number, size: AccessSize): number {
    const window = this.#windowAt(offset);
    if (window !== undefined) return window.read(offset - window.offset, size);
    let value = 0;
    for (let index = size - 1; index >= 0; index--) value = value * 0x100 + this.#readByte(offset + index);
    return value;
  }

  write(offset: number, size: AccessSize, value: number): void {
    const window = this.#windowAt(offset);
    if (window !== undefined) {
      window.write(offset - window.offset, size, value);
      return;
    }
    for (let index = 0; index < size; index++) this.#setByte(offset + index, (value >>> (8 * index)) & 0xff);
    if (offset < config.status) this.#drive();
    if (offset < config.status || (offset >= config.baseAddresses && offset < config.subsystemVendor)) this.changed();
  }

  /** Whether the function may reach memory by itself. */
  get busMaster(): boolean {
    return (this.#byte(config.command) & command.master) !== 0;
  }

  /** Where a base address register lies, when the command register lets it answer. */
  address(bar: BaseAddress): number | undefined {
    const enable = bar.space === "ports" ? command.ports : command.memory;
    if ((this.#byte(config.command) & enable) === 0) return undefined;
    const base = (this.read(config.baseAddresses + 4 * bar.index, 4) & -bar.size) >>> 0;
    // Address 0 is that of a register nobody has set.
    return base === 0 ? undefined : base;
  }

  /** The device's interrupt request, which the command register may hold back (6.2.2, bit 10). */
  setInterrupt(level: boolean): void {
    if (level === this.#interrupt) return;
    this.#interrupt = level;
    this.#drive();
  }

  #drive(): void {
    const disabled = (this.#byte(config.command + 1) & (command.interruptDisable >> 8)) !== 0;
    this.pin(this.#interrupt && !disabled);
  }

  #windowAt(offset: number): ConfigWindow | undefined {
    const window = this.#window;
    return window !== undefined && offset >= window.offset && offset < window.offset + window.length ? window : undefined;
  }

  #byte(offset: number): number {
    return this.#bytes[offset] ?? 0;
  }

  #readByte(offset: number): number {
    if (offset >= configSize) return 0xff;
    return offset === config.status && this.#interrupt ? this.#byte(offset) | status.interrupt : this.#byte(offset);
  }

  #setByte(offset: number, value: number): void {
    if (offset >= configSize) return;
    const mask = this.#writable[offset] ?? 0;
    this.#bytes[offset] = (this.#byte(offset) & ~mask) | (value & mask);
  }

  #describe(): void {
    const { vendor, device, classCode, revision = 0, subsystem, pin = 0, bars = [], multifunction } = this.description;
    const view = new DataView(this.#bytes.buffer);
    const masks = new DataView(this.#writable.buffer);
    view.setUint16(config.vendor, vendor, true);
    view.setUint16(config.device, device, true);
    view.setUint32(config.revision, classCode * 0x100 + revision, true);
    view.setUint8(config.headerType, multifunction ? 0x80 : 0);
    view.setUint16(config.subsystemVendor, subsystem?.vendor ?? 0, true);
    view.setUint16(config.subsystem, subsystem?.device ?? 0, true);
    view.setUint8(config.interruptPin, pin);
    masks.setUint8(config.interruptLine, 0xff);
    masks.setUint16(config.command, command.ports | command.memory | command.master | command.systemError | command.interruptDisable, true);
    for (const bar of bars) {
      const offset = config.baseAddresses + 4 * bar.index;
      view.setUint32(offset, kindBits(bar), true);
      // I/O space has 64 K: the upper half of the register is writable all the same, so that a size can be read (6.2.5.1).
      masks.setUint32(offset, -bar.size >>> 0, true);
    }
  }

  #addCapabilities(): void {
    const { capabilities = [] } = this.description;
    let link: number = config.capabilities;
    let at = firstCapability;
    for (const { id, body, writable = [] } of capabilities) {
      this.#bytes[link] = at;
      this.#bytes.set([id, 0, ...body], at);
      this.#writable.set(writable, at + 2);
      link = at + 1;
      at = (at + 2 + body.length + 3) & ~3;
    }
    if (capabilities.length > 0) this.#bytes[config.status] = this.#byte(config.status) | status.capabilities;
  }
}
