import type { AccessSize, Device, Pin } from "../bus/device.ts";
import { byte, flag, oneOf, record, type Shape, whole } from "../snapshot/shape.ts";

/** State of one 8259A, named as its data sheet (Intel 231468) names it. */
export interface Pic8259State {
  /** Interrupt request, in-service and mask registers. */
  irr: number;
  isr: number;
  imr: number;
  /** Levels of the input pins. */
  pins: number;
  /** Bit n: input n is level triggered (ELCR of the EISA bridges). */
  levelTriggered: number;
  /** Vector of input 0 (ICW2). */
  base: number;
  /** ICW3: inputs with a slave (master), or the slave's identity. */
  cascade: number;
  /** The next initialisation command word that the data port expects, 0 when initialised. */
  awaiting: 0 | 2 | 3 | 4;
  needsIcw4: boolean;
  single: boolean;
  autoEoi: boolean;
  rotateOnAutoEoi: boolean;
  specialFullyNested: boolean;
  specialMask: boolean;
  /** The next read of the command port is a poll. */
  poll: boolean;
  /** The command port reads ISR rather than IRR. */
  readIsr: boolean;
  /** Input of lowest priority. */
  lowest: number;
}

const powerOn = (): Pic8259State => ({
  irr: 0,
  isr: 0,
  imr: 0,
  pins: 0,
  levelTriggered: 0,
  base: 0,
  cascade: 0,
  awaiting: 0,
  needsIcw4: false,
  single: false,
  autoEoi: false,
  rotateOnAutoEoi: false,
  specialFullyNested: false,
  specialMask: false,
  poll: false,
  readIsr: false,
  lowest: 7,
});

const shape: Shape<Pic8259State> = record({
  irr: byte,
  isr: byte,
  imr: byte,
  pins: byte,
  levelTriggered: byte,
  base: byte,
  cascade: byte,
  awaiting: oneOf(0, 2, 3, 4),
  needsIcw4: flag,
  single: flag,
  autoEoi: flag,
  rotateOnAutoEoi: flag,
  specialFullyNested: flag,
  specialMask: flag,
  poll: flag,
  readIsr: flag,
  lowest: whole(0, 7),
});

/** Bits of the command words. */
const icw1 = { initialise: 0x10, single: 0x02, needsIcw4: 0x01 } as const;
const icw4 = { autoEoi: 0x02, specialFullyNested: 0x10 } as const;
const ocw3 = { select: 0x08, specialMaskEnable: 0x40, specialMask: 0x20, poll: 0x04, readEnable: 0x02, readIsr: 0x01 } as const;

/**
 * One 8259A interrupt controller. Offset 0 is the command port, 1 the data port. `output` is its INT pin; a master calls
 * `slaveAt(input)` to pass an acknowledgement on.
 */
export class Pic8259 implements Device<Pic8259State> {
  readonly shape: Shape<Pic8259State> = shape;
  private state = powerOn();
  private readonly output: Pin;
  private readonly slaveAt: (input: number) => Pic8259 | undefined;

  constructor(output: Pin, slaveAt: (input: number) => Pic8259 | undefined = () => undefined) {
    this.output = output;
    this.slaveAt = slaveAt;
  }

  reset(): void {
    this.state = { ...powerOn(), levelTriggered: this.state.levelTriggered, pins: this.state.pins };
    this.update();
  }

  save(): Pic8259State {
    return { ...this.state };
  }

  restore(state: Pic8259State): void {
    this.state = { ...state };
    this.update();
  }

  /** Drives input pin `input` (0 to 7). An edge is remembered until acknowledged, a level as long as it lasts. */
  setInput(input: number, level: boolean): void {
    const state = this.state;
    const bit = 1 << input;
    const rising = level && (state.pins & bit) === 0;
    state.pins = level ? state.pins | bit : state.pins & ~bit;
    if (rising) state.irr |= bit;
    // A request whose pin falls before it is acknowledged is withdrawn: the acknowledgement would find a spurious interrupt.
    else if (!level) state.irr &= ~bit;
    this.update();
  }

  /** The processor's acknowledge cycle: the vector of the request of highest priority, which is then in service. */
  acknowledge(): number {
    const input = this.pending();
    // No request any more: the spurious interrupt is input 7, and nothing is in service (data sheet, "interrupt sequence").
    if (input < 0) return this.state.base | 7;
    this.service(input);
    const slave = this.slaveAt(input);
    return slave === undefined ? this.state.base | input : slave.acknowledge();
  }

  read(offset: number, _size: AccessSize): number {
    const state = this.state;
    if (state.poll) return this.pollCycle();
    if (offset === 1) return state.imr;
    return state.readIsr ? state.isr : state.irr;
  }

  write(offset: number, _size: AccessSize, value: number): void {
    if (offset === 1) this.writeData(value);
    else if ((value & icw1.initialise) !== 0) this.initialise(value);
    else if ((value & ocw3.select) !== 0) this.operate(value);
    else this.endOfInterrupt(value);
    this.update();
  }

  /** ELCR: which inputs are level triggered. */
  get levelTriggered(): number {
    return this.state.levelTriggered;
  }

  set levelTriggered(inputs: number) {
    this.state.levelTriggered = inputs;
    this.update();
  }

  private writeData(value: number): void {
    const state = this.state;
    switch (state.awaiting) {
      case 0:
        state.imr = value;
        return;
      case 2:
        state.base = value & 0xf8;
        state.awaiting = state.single ? (state.needsIcw4 ? 4 : 0) : 3;
        return;
      case 3:
        state.cascade = value;
        state.awaiting = state.needsIcw4 ? 4 : 0;
        return;
      case 4:
        state.autoEoi = (value & icw4.autoEoi) !== 0;
        state.specialFullyNested = (value & icw4.specialFullyNested) !== 0;
        state.awaiting = 0;
    }
  }

  /** ICW1: edge detection, mask and priorities start afresh. */
  private initialise(value: number): void {
    const { pins, levelTriggered, base } = this.state;
    this.state = {
      ...powerOn(),
      pins,
      levelTriggered,
      base,
      awaiting: 2,
      single: (value & icw1.single) !== 0,
      needsIcw4: (value & icw1.needsIcw4) !== 0,
    };
  }

  /** OCW3 */
  private operate(value: number): void {
    const state = this.state;
    if ((value & ocw3.poll) !== 0) state.poll = true;
    if ((value & ocw3.readEnable) !== 0) state.readIsr = (value & ocw3.readIsr) !== 0;
    if ((value & ocw3.specialMaskEnable) !== 0) state.specialMask = (value & ocw3.specialMask) !== 0;
  }

  /** OCW2: rotate (bit 7), specific (bit 6), end of interrupt (bit 5), input (bits 0 to 2). */
  private endOfInterrupt(value: number): void {
    const state = this.state;
    const rotate = (value & 0x80) !== 0;
    const specific = (value & 0x40) !== 0;
    const end = (value & 0x20) !== 0;
    const input = specific ? value & 7 : this.highest(state.isr);
    if (end) {
      if (input < 0) return;
      state.isr &= ~(1 << input);
      if (rotate) state.lowest = input;
    } else if (specific && rotate) state.lowest = input;
    else if (!specific) state.rotateOnAutoEoi = rotate;
  }

  private pollCycle(): number {
    this.state.poll = false;
    const input = this.pending();
    if (input < 0) return 0;
    this.service(input);
    return 0x80 | input;
  }

  private service(input: number): void {
    const state = this.state;
    const bit = 1 << input;
    if ((state.levelTriggered & bit) === 0) state.irr &= ~bit;
    if (!state.autoEoi) state.isr |= bit;
    else if (state.rotateOnAutoEoi) state.lowest = input;
    // INT falls with every acknowledgement, so that a master sees an edge for the slave's next request.
    this.output(false);
    this.update();
  }

  /** Requests that the pins or remembered edges make. */
  private requests(): number {
    const state = this.state;
    return (state.irr | (state.pins & state.levelTriggered)) & ~state.imr;
  }

  /** The input to be served next, or -1. */
  private pending(): number {
    const state = this.state;
    if (state.awaiting !== 0) return -1;
    const requests = this.requests();
    const input = this.highest(requests);
    if (input < 0) return -1;
    // Special mask mode: what is masked and in service blocks nobody (data sheet, "special mask mode").
    const serving = this.highest(state.specialMask ? state.isr & ~state.imr : state.isr);
    if (serving < 0) return input;
    const nested = state.specialFullyNested && this.slaveAt(input) !== undefined;
    return this.rank(input) < this.rank(serving) || (nested && input === serving) ? input : -1;
  }

  /** Distance from the highest priority, 0 to 7. */
  private rank(input: number): number {
    return (input - this.state.lowest - 1) & 7;
  }

  private highest(inputs: number): number {
    for (let rank = 0; rank < 8; rank++) {
      const input = (this.state.lowest + 1 + rank) & 7;
      if ((inputs & (1 << input)) !== 0) return input;
    }
    return -1;
  }

  private update(): void {
    this.output(this.pending() >= 0);
  }
}
