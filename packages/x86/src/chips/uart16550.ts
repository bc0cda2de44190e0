import type { AccessSize, Device, Pin } from "../bus/device.ts";
import { ByteQueue } from "./byte-queue.ts";
import { byte, flag, list, oneOf, record, type Shape, whole, word } from "../snapshot/shape.ts";

/** Registers by offset (National Semiconductor PC16550D, table II). Offsets 0 and 1 are the divisor while DLAB is set. */
const register = {
  data: 0,
  interruptEnable: 1,
  identification: 2,
  lineControl: 3,
  modemControl: 4,
  lineStatus: 5,
  modemStatus: 6,
  scratch: 7,
} as const;

const enable = { received: 1, transmitEmpty: 2, lineStatus: 4, modemStatus: 8 } as const;
const lineStatus = { dataReady: 0x01, overrun: 0x02, transmitHoldingEmpty: 0x20, transmitterEmpty: 0x40 } as const;
const divisorLatch = 0x80;
/** MCR: OUT2 lets the interrupt reach the bus on a PC; loop-back ties the outputs to the inputs. */
const modemControl = { requestToSend: 0x02, out2: 0x08, loop: 0x10 } as const;
/** Interrupt identification, highest priority first (table IV). */
const identity = { none: 0x01, lineStatus: 0x06, received: 0x04, timeout: 0x0c, transmitEmpty: 0x02, modemStatus: 0x00 } as const;
const fifoDepth = 16;
/** Receive trigger levels by FCR bits 6 and 7. */
const triggerLevels = [1, 4, 8, 14] as const;

export interface Uart16550State {
  interruptEnable: number;
  lineControl: number;
  modemControl: number;
  scratch: number;
  divisor: number;
  fifoEnabled: boolean;
  trigger: number;
  overrun: boolean;
  /** The transmitter has become empty and nobody has been told. */
  transmitInterrupt: boolean;
  received: number[];
  /** What the other end has sent and the FIFO has had no room for. */
  line: number[];
  modemDelta: number;
  /** The modem control register has been written since power-on. */
  modemControlled: boolean;
}

/** Input that a snapshot may hold for one port: more was never typed. */
const longestLine = 1 << 26;
const shape: Shape<Uart16550State> = record({
  interruptEnable: whole(0, 0x0f),
  lineControl: byte,
  modemControl: whole(0, 0x1f),
  scratch: byte,
  divisor: word,
  fifoEnabled: flag,
  trigger: oneOf(...triggerLevels),
  overrun: flag,
  transmitInterrupt: flag,
  received: list(byte, { most: fifoDepth }),
  line: list(byte, { most: longestLine }),
  modemDelta: byte,
  modemControlled: flag,
});

const powerOn = (): Omit<Uart16550State, "line"> => ({
  interruptEnable: 0,
  lineControl: 0,
  modemControl: 0,
  scratch: 0,
  divisor: 12,
  fifoEnabled: false,
  trigger: 1,
  overrun: false,
  transmitInterrupt: false,
  received: [],
  modemDelta: 0,
  modemControlled: false,
});

/**
 * A 16550A serial port. Bytes leave at once; bytes that arrive wait in the line, not in the chip, while the FIFO is full, so nothing
 * is lost however slowly the guest reads. They wait there, too, while a guest that uses the modem control register keeps RTS low: what is typed before
 * a driver opens the port is not lost to its probing. Interrupt and line follow the chip's priorities.
 */
export class Uart16550 implements Device<Uart16550State> {
  readonly shape: Shape<Uart16550State> = shape;
  private state = powerOn();
  private line = new ByteQueue();
  private readonly interrupt: Pin;
  private readonly transmit: (byte: number) => void;

  constructor(interrupt: Pin, transmit: (byte: number) => void) {
    this.interrupt = interrupt;
    this.transmit = transmit;
  }

  /** The other end sends bytes. */
  receive(bytes: Iterable<number>): void {
    this.line.push(bytes);
    this.fill();
    this.update();
  }

  /** Bytes that the guest has not yet read. */
  get waiting(): number {
    return this.line.length + this.state.received.length;
  }

  /** The line is the other end's, and keeps what it holds. */
  reset(): void {
    this.state = powerOn();
    this.fill();
    this.update();
  }

  save(): Uart16550State {
    return { ...this.state, received: [...this.state.received], line: this.line.toArray() };
  }

  restore(state: Uart16550State): void {
    const { line, ...rest } = state;
    this.state = { ...rest, received: [...rest.received] };
    this.line = new ByteQueue(line);
    this.update();
  }

  read(offset: number, _size: AccessSize): number {
    const value = this.readRegister(offset);
    this.update();
    return value;
  }

  write(offset: number, _size: AccessSize, value: number): void {
    this.writeRegister(offset, value);
    this.update();
  }

  private readRegister(offset: number): number {
    const state = this.state;
    const latched = (state.lineControl & divisorLatch) !== 0;
    switch (offset) {
      case register.data:
        return latched ? state.divisor & 0xff : this.takeReceived();
      case register.interruptEnable:
        return latched ? state.divisor >>> 8 : state.interruptEnable;
      case register.identification:
        return this.identify();
      case register.lineControl:
        return state.lineControl;
      case register.modemControl:
        return state.modemControl;
      case register.lineStatus:
        return this.takeLineStatus();
      case register.modemStatus:
        return this.takeModemStatus();
      default:
        return state.scratch;
    }
  }

  private writeRegister(offset: number, value: number): void {
    const state = this.state;
    const latched = (state.lineControl & divisorLatch) !== 0;
    switch (offset) {
      case register.data:
        if (latched) state.divisor = (state.divisor & 0xff00) | value;
        else this.send(value);
        return;
      case register.interruptEnable:
        if (latched) state.divisor = (state.divisor & 0xff) | (value << 8);
        else this.enableInterrupts(value & 0x0f);
        return;
      case register.identification:
        this.controlFifo(value);
        return;
      case register.lineControl:
        state.lineControl = value;
        return;
      case register.modemControl:
        this.controlModem(value & 0x1f);
        return;
      case register.scratch:
        state.scratch = value;
        return;
      // Line and modem status are read-only.
    }
  }

  private controlModem(value: number): void {
    const { state } = this;
    const before = this.connected;
    state.modemControl = value;
    state.modemControlled = true;
    // The other end has not sent what it was not asked for.
    if (before && !this.connected) this.line.putBack(state.received.splice(0));
    this.fill();
  }

  private send(byte: number): void {
    const state = this.state;
    if ((state.modemControl & modemControl.loop) !== 0) this.loopBack(byte);
    else this.transmit(byte);
    state.transmitInterrupt = true;
  }

  private loopBack(byte: number): void {
    const state = this.state;
    if (state.received.length < this.depth) state.received.push(byte);
    else state.overrun = true;
  }

  /** Enabling the transmitter's interrupt while it is empty raises it at once (PC16550D 8.6.3). */
  private enableInterrupts(value: number): void {
    const state = this.state;
    if ((value & enable.transmitEmpty) !== 0 && (state.interruptEnable & enable.transmitEmpty) === 0) state.transmitInterrupt = true;
    state.interruptEnable = value;
  }

  /** FCR: bit 0 enables the FIFOs, bit 1 empties the receiver's, bits 6 and 7 set its trigger level. */
  private controlFifo(value: number): void {
    const state = this.state;
    const enabled = (value & 1) !== 0;
    if (enabled !== state.fifoEnabled || (value & 2) !== 0) state.received.length = 0;
    state.fifoEnabled = enabled;
    state.trigger = enabled ? (triggerLevels[value >> 6] ?? 1) : 1;
    this.fill();
  }

  private takeReceived(): number {
    const byte = this.state.received.shift() ?? 0;
    this.fill();
    return byte;
  }

  private takeLineStatus(): number {
    const state = this.state;
    const value =
      (state.received.length > 0 ? lineStatus.dataReady : 0) |
      (state.overrun ? lineStatus.overrun : 0) |
      lineStatus.transmitHoldingEmpty |
      lineStatus.transmitterEmpty;
    state.overrun = false;
    return value;
  }

  /** CTS, DSR and DCD are asserted: the other end is always ready. In loop-back the inputs are the outputs. */
  private takeModemStatus(): number {
    const state = this.state;
    const control = state.modemControl;
    const looped = ((control & 2) << 3) | ((control & 1) << 5) | ((control & 4) << 4) | ((control & 8) << 4);
    const value = (control & modemControl.loop) !== 0 ? looped : 0xb0;
    const delta = state.modemDelta;
    state.modemDelta = 0;
    return value | delta;
  }

  private get depth(): number {
    return this.state.fifoEnabled ? fifoDepth : 1;
  }

  /** Whether the other end sends: loop-back cuts the line off (PC16550D 8.7), and RTS holds it back. */
  private get connected(): boolean {
    const { modemControl: control, modemControlled } = this.state;
    if ((control & modemControl.loop) !== 0) return false;
    return !modemControlled || (control & modemControl.requestToSend) !== 0;
  }

  /** Takes bytes from the line. */
  private fill(): void {
    const { received } = this.state;
    if (!this.connected) return;
    while (received.length < this.depth && this.line.length > 0) received.push(this.line.take() ?? 0);
  }

  /** The source of highest priority that is enabled. */
  private pending(): number {
    const state = this.state;
    const enabled = state.interruptEnable;
    if ((enabled & enable.lineStatus) !== 0 && state.overrun) return identity.lineStatus;
    if ((enabled & enable.received) !== 0 && state.received.length > 0)
      // Fewer bytes than the trigger level: the time-out, which the pause in the line makes due at once.
      return state.received.length >= state.trigger ? identity.received : identity.timeout;
    if ((enabled & enable.transmitEmpty) !== 0 && state.transmitInterrupt) return identity.transmitEmpty;
    if ((enabled & enable.modemStatus) !== 0 && state.modemDelta !== 0) return identity.modemStatus;
    return identity.none;
  }

  /** Reading the identification of an empty transmitter clears that interrupt. */
  private identify(): number {
    const cause = this.pending();
    if (cause === identity.transmitEmpty) this.state.transmitInterrupt = false;
    return cause | (this.state.fifoEnabled ? 0xc0 : 0);
  }

  private update(): void {
    const gated = (this.state.modemControl & modemControl.out2) !== 0;
    this.interrupt(gated && this.pending() !== identity.none);
  }
}
