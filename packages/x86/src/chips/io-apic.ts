import type { AccessSize, Device } from "../bus/device.ts";
import { dword, flag, list, record, type Shape, whole } from "../snapshot/shape.ts";
import type { InterruptMessage } from "./apic-message.ts";
import { delivery, deliveryOf } from "./local-apic-registers.ts";

export const IO_APIC_INPUTS = 24;
/** Version 11h, 24 entries (Intel 290566, 3.2.2). */
const VERSION = 0x0017_0011;

/** Offsets of the two windows, and numbers of the registers behind them. */
const SELECT = 0x00;
const WINDOW = 0x10;
const register = { id: 0, version: 1, arbitration: 2, table: 0x10 } as const;

/** Bits of the low word of a redirection entry (Intel 290566, 3.2.4); delivery status, bit 12, is always idle. */
const entryBits = { remoteIrr: 0x4000, levelTriggered: 0x8000, masked: 0x1_0000, logical: 0x800, writable: 0x1_afff } as const;

export interface IoApicState {
  select: number;
  id: number;
  /** Low and high word of each entry. */
  low: number[];
  high: number[];
  /** Whether each input is asserted. */
  inputs: boolean[];
}

const shape: Shape<IoApicState> = record({
  select: whole(0, 0xff),
  id: whole(0, 0xf),
  low: list(whole(0, 0x1_ffff), { exactly: IO_APIC_INPUTS }),
  high: list(dword, { exactly: IO_APIC_INPUTS }),
  inputs: list(flag, { exactly: IO_APIC_INPUTS }),
});

const powerOn = (): Omit<IoApicState, "inputs"> => ({
  select: 0,
  id: 0,
  low: Array.from({ length: IO_APIC_INPUTS }, () => entryBits.masked),
  high: Array.from({ length: IO_APIC_INPUTS }, () => 0),
});

/** Where an I/O APIC's messages go. */
export interface IoApicBus {
  /** Whether a local APIC took the message. */
  send(message: InterruptMessage): boolean;
  /** ExtINT: the processor gets its vector from the 8259A. */
  external(level: boolean): void;
}

/**
 * An I/O APIC 82093AA. Inputs are asserted or not: lines carry meaning here and no voltage, so the polarity bit is kept and
 * changes nothing.
 */
export class IoApic implements Device<IoApicState> {
  readonly shape: Shape<IoApicState> = shape;
  private state: IoApicState = { ...powerOn(), inputs: Array.from({ length: IO_APIC_INPUTS }, () => false) };
  private readonly bus: IoApicBus;

  constructor(bus: IoApicBus) {
    this.bus = bus;
  }

  reset(): void {
    this.state = { ...powerOn(), inputs: this.state.inputs };
    this.updateExternal();
  }

  save(): IoApicState {
    const { low, high, inputs } = this.state;
    return { ...this.state, low: [...low], high: [...high], inputs: [...inputs] };
  }

  restore(state: IoApicState): void {
    this.state = state;
    this.updateExternal();
  }

  /** Firmware gives every APIC an ID of its own. */
  setId(id: number): void {
    this.state.id = id;
  }

  setInput(input: number, level: boolean): void {
    const before = this.state.inputs[input] ?? false;
    this.state.inputs[input] = level;
    const low = this.state.low[input] ?? 0;
    if (deliveryOf(low) === delivery.external) this.updateExternal();
    else if ((low & entryBits.levelTriggered) !== 0) this.serveLevel(input);
    // An edge at a masked input is lost (Intel 290566, 3.2.4, bit 16).
    else if (level && !before && (low & entryBits.masked) === 0) this.send(input);
  }

  /** A local APIC's EOI: inputs of that vector that are still asserted interrupt again. */
  endOfLevel(vector: number): void {
    for (const [input, low] of this.state.low.entries()) {
      if ((low & 0xff) !== vector || (low & entryBits.remoteIrr) === 0) continue;
      this.state.low[input] = low & ~entryBits.remoteIrr;
      this.serveLevel(input);
    }
  }

  read(offset: number, _size: AccessSize): number {
    if (offset === SELECT) return this.state.select;
    return offset === WINDOW ? this.readRegister(this.state.select) : 0;
  }

  write(offset: number, size: AccessSize, value: number): void {
    if (offset === SELECT) this.state.select = value & 0xff;
    else if (offset === WINDOW && size === 4) this.writeRegister(this.state.select, value);
  }

  private readRegister(number: number): number {
    const { id, low, high } = this.state;
    if (number === register.id || number === register.arbitration) return id << 24;
    if (number === register.version) return VERSION;
    const index = number - register.table;
    // Registers that do not exist have no element.
    return ((index & 1) === 0 ? low[index >> 1] : high[index >> 1]) ?? 0;
  }

  private writeRegister(number: number, value: number): void {
    if (number === register.id) this.state.id = (value >>> 24) & 0xf;
    const index = number - register.table;
    const input = index >> 1;
    if (index < 0 || input >= IO_APIC_INPUTS) return;
    if ((index & 1) !== 0) this.state.high[input] = (value & 0xff00_0000) >>> 0;
    else this.writeLow(input, value);
  }

  /** Remote IRR is read-only, and an edge-triggered entry has none. */
  private writeLow(input: number, value: number): void {
    const levelTriggered = (value & entryBits.levelTriggered) !== 0;
    const remoteIrr = levelTriggered ? (this.state.low[input] ?? 0) & entryBits.remoteIrr : 0;
    this.state.low[input] = (value & entryBits.writable) | remoteIrr;
    this.updateExternal();
    if (this.isLevel(input)) this.serveLevel(input);
  }

  private isLevel(input: number): boolean {
    const low = this.state.low[input] ?? 0;
    return (low & entryBits.levelTriggered) !== 0 && deliveryOf(low) !== delivery.external;
  }

  private serveLevel(input: number): void {
    const low = this.state.low[input] ?? 0;
    if (this.state.inputs[input] !== true || (low & (entryBits.masked | entryBits.remoteIrr)) !== 0) return;
    if (this.send(input)) this.state.low[input] = low | entryBits.remoteIrr;
  }

  private send(input: number): boolean {
    const low = this.state.low[input] ?? 0;
    const mode = deliveryOf(low);
    return this.bus.send({
      vector: low & 0xff,
      mode,
      destination: (this.state.high[input] ?? 0) >>> 24,
      logical: (low & entryBits.logical) !== 0,
      // NMI and the like are edges whatever the entry says.
      levelTriggered: (low & entryBits.levelTriggered) !== 0 && (mode === delivery.fixed || mode === delivery.lowest),
    });
  }

  private updateExternal(): void {
    const { low, inputs } = this.state;
    const open = (word: number): boolean => deliveryOf(word) === delivery.external && (word & entryBits.masked) === 0;
    this.bus.external(low.some((word, input) => open(word) && inputs[input] === true));
  }
}
