import type { AccessSize, Device, Pin } from "../bus/device.ts";
import type { Clock } from "../clock/clock.ts";
import type { Shape } from "../snapshot/shape.ts";
import { type InterruptMessage, isDestination } from "./apic-message.ts";
import {
  apicError,
  delivery,
  deliveryOf,
  hasBit,
  highest,
  local,
  type LocalApicState,
  localApicShape,
  lvt,
  powerOn,
  register,
  setBit,
  VERSION,
  writable,
} from "./local-apic-registers.ts";
import { LocalApicTimer } from "./local-apic-timer.ts";

/** Enabled by software: bit 8 of the spurious vector register. */
const softwareEnable = 0x100;
/** Vectors below are reserved (SDM 3A 10.5.2). */
const firstVector = 16;
/** What a local APIC does to the machine around it. */
export interface LocalApicPins {
  /** INTR of the processor core: a request waits, its own or the 8259A's. */
  readonly interrupt: Pin;
  readonly nmi: () => void;
  readonly init: () => void;
  /** A level-triggered interrupt has ended: I/O APICs are told its vector (SDM 3A 10.8.5). */
  readonly endOfLevel: (vector: number) => void;
}

/** The local APIC of the only processor: an xAPIC as SDM 3A chapter 10 has it. */
export class LocalApic implements Device<LocalApicState> {
  readonly shape: Shape<LocalApicState> = localApicShape;
  private state = powerOn();
  private readonly pins: LocalApicPins;
  private readonly timer: LocalApicTimer;

  constructor(clock: Clock, pins: LocalApicPins) {
    this.pins = pins;
    this.timer = new LocalApicTimer(
      clock,
      () => this.state,
      () => this.fireLocal(local.timer),
    );
  }

  reset(): void {
    const { lint0, lint1, external } = this.state;
    this.state = { ...powerOn(), lint0, lint1, external };
    this.timer.set();
    this.update();
  }

  save(): LocalApicState {
    const { inService, triggerMode, request, localVectors } = this.state;
    return {
      ...this.state,
      inService: [...inService],
      triggerMode: [...triggerMode],
      request: [...request],
      localVectors: [...localVectors],
    };
  }

  restore(state: LocalApicState): void {
    this.state = { ...state, counting: state.counting && state.initialCount !== 0 };
    this.timer.set();
    this.update();
  }

  /**
   * IA32_APIC_BASE enables or disables the whole APIC; coming back it is as after power-up. While it is disabled LINT0 and LINT1 are
   * INTR and NMI of the processor (SDM 3A 10.4.3).
   */
  setPresent(present: boolean): void {
    if (present === this.state.present) return;
    this.reset();
    this.state.present = present;
    this.update();
  }

  /** Virtual wire mode, in which firmware leaves it: requests of the 8259A pass through LINT0 (MP specification 1.4, 3.6.2.2). */
  setVirtualWire(): void {
    this.state.spurious = softwareEnable | 0xf;
    this.state.localVectors[local.lint0] = delivery.external << 8;
    this.state.localVectors[local.lint1] = delivery.nmi << 8;
    this.update();
  }

  /** LINT0, to which the 8259A's INT is wired. */
  setLint0(level: boolean): void {
    const rising = level && !this.state.lint0;
    this.state.lint0 = level;
    this.changePin(local.lint0, level, rising);
  }

  /** LINT1, on which NMIs come. */
  setLint1(level: boolean): void {
    const rising = level && !this.state.lint1;
    this.state.lint1 = level;
    if (!this.state.present && rising) this.pins.nmi();
    else this.changePin(local.lint1, level, rising);
  }

  /** ExtINT as the I/O APIC passes it on. */
  setExternal(level: boolean): void {
    this.state.external = level;
    this.update();
  }

  /** A message of the I/O APIC or of the processor itself; whether this APIC took it. */
  accept(message: InterruptMessage): boolean {
    if (!this.state.present || !isDestination(this.state, message)) return false;
    return this.deliver(message.mode, message.vector, message.levelTriggered);
  }

  /** The interrupt acknowledge cycle; `undefined` asks for the vector of the 8259A. */
  acknowledge(): number | undefined {
    const state = this.state;
    const vector = this.deliverable();
    if (vector >= 0) {
      setBit(state.request, vector, false);
      setBit(state.inService, vector, true);
      this.update();
      return vector;
    }
    // The request has gone, by a higher task priority say (SDM 3A 10.9).
    return this.externalRequest() ? undefined : state.spurious & 0xff;
  }

  read(offset: number, size: AccessSize): number {
    // The other twelve bytes of a register's sixteen are nothing.
    if ((offset & 0xf) + size > 4) return 0;
    return this.readRegister(offset & 0xff0) >>> ((offset & 3) * 8);
  }

  /** Only aligned words of 32 bits can be written (SDM 3A 10.4.1). */
  write(offset: number, size: AccessSize, value: number): void {
    if (size !== 4 || (offset & 0xf) !== 0) return;
    this.writeRegister(offset, value);
    this.update();
  }

  private readRegister(offset: number): number {
    const state = this.state;
    if (offset >= register.inService && offset < register.errorStatus) return this.readBits(offset);
    if (offset >= register.localVectors && offset < register.initialCount)
      return state.localVectors[(offset - register.localVectors) >>> 4] ?? 0;
    switch (offset) {
      case register.id:
        return (state.id << 24) >>> 0;
      case register.version:
        return VERSION;
      case register.taskPriority:
        return state.taskPriority;
      case register.processorPriority:
        return this.processorPriority();
      case register.logicalDestination:
        return (state.logicalDestination << 24) >>> 0;
      case register.destinationFormat:
        return ((state.destinationFormat << 28) | 0xfff_ffff) >>> 0;
      case register.spurious:
        return state.spurious;
      case register.errorStatus:
        return state.errorStatus;
      case register.commandLow:
        return state.commandLow;
      case register.commandHigh:
        return state.commandHigh;
      case register.initialCount:
        return state.initialCount;
      case register.currentCount:
        return this.timer.count();
      case register.divide:
        return state.divide;
      case register.endOfInterrupt:
        return 0;
      default:
        this.fail(apicError.illegalRegister);
        return 0;
    }
  }

  private readBits(offset: number): number {
    const { inService, triggerMode, request } = this.state;
    const bits = offset < register.triggerMode ? inService : offset < register.request ? triggerMode : request;
    return bits[(offset >>> 4) & 7] ?? 0;
  }

  private writeRegister(offset: number, value: number): void {
    const state = this.state;
    if (offset >= register.localVectors && offset < register.initialCount) {
      this.writeLocalVector((offset - register.localVectors) >>> 4, value);
      return;
    }
    switch (offset) {
      case register.id:
        state.id = value >>> 24;
        return;
      case register.taskPriority:
        state.taskPriority = value & 0xff;
        return;
      case register.endOfInterrupt:
        this.endOfInterrupt();
        return;
      case register.logicalDestination:
        state.logicalDestination = value >>> 24;
        return;
      case register.destinationFormat:
        state.destinationFormat = value >>> 28;
        return;
      case register.spurious:
        this.writeSpurious(value);
        return;
      case register.errorStatus:
        state.errorStatus = state.errors;
        state.errors = 0;
        return;
      case register.commandLow:
        // Delivery status, bit 12, is always idle: messages arrive at once.
        state.commandLow = value & 0x000c_cfff;
        this.send();
        return;
      case register.commandHigh:
        state.commandHigh = (value & 0xff00_0000) >>> 0;
        return;
      case register.initialCount:
        state.initialCount = value;
        this.timer.start();
        return;
      case register.divide:
        this.timer.divide(value & 0xb);
        return;
      case register.version:
      case register.processorPriority:
      case register.currentCount:
        return;
      default:
        if (offset < register.inService || offset >= register.errorStatus) this.fail(apicError.illegalRegister);
    }
  }

  private get enabled(): boolean {
    return this.state.present && (this.state.spurious & softwareEnable) !== 0;
  }

  /** Disabling masks the whole local vector table (SDM 3A 10.4.7.2). */
  private writeSpurious(value: number): void {
    const state = this.state;
    state.spurious = value & 0x3ff;
    if ((value & softwareEnable) === 0) state.localVectors = state.localVectors.map((entry) => entry | lvt.masked);
  }

  private writeLocalVector(index: number, value: number): void {
    const state = this.state;
    const kept = (state.localVectors[index] ?? 0) & lvt.remoteIrr;
    const masked = this.enabled ? 0 : lvt.masked;
    state.localVectors[index] = (value & (writable[index] ?? 0)) | kept | masked;
    if (index === local.lint0) this.changePin(index, state.lint0, false);
    if (index === local.lint1) this.changePin(index, state.lint1, false);
  }

  // Requests.

  /** A pin has changed: fixed and NMI modes act on edges, or on levels until they are accepted. ExtINT is looked at in `update`. */
  private changePin(index: number, level: boolean, rising: boolean): void {
    const entry = this.state.localVectors[index] ?? 0;
    const levelTriggered = (entry & lvt.levelTriggered) !== 0 && deliveryOf(entry) === delivery.fixed;
    const wants = levelTriggered ? level && (entry & lvt.remoteIrr) === 0 : rising;
    if (wants && (entry & lvt.masked) === 0 && deliveryOf(entry) !== delivery.external) {
      if (levelTriggered) this.state.localVectors[index] = entry | lvt.remoteIrr;
      this.deliver(deliveryOf(entry), entry & 0xff, levelTriggered);
    }
    this.update();
  }

  private fireLocal(index: number): void {
    const entry = this.state.localVectors[index] ?? 0;
    if ((entry & lvt.masked) === 0) this.deliver(delivery.fixed, entry & 0xff, false);
  }

  private deliver(mode: number, vector: number, levelTriggered: boolean): boolean {
    if (mode === delivery.nmi) this.pins.nmi();
    else if (mode === delivery.init) this.pins.init();
    else if (mode === delivery.fixed || mode === delivery.lowest) return this.request(vector, levelTriggered);
    return true;
  }

  private request(vector: number, levelTriggered: boolean): boolean {
    const state = this.state;
    if (!this.enabled) return false;
    if (vector < firstVector) {
      this.fail(apicError.receiveIllegal);
      return false;
    }
    setBit(state.request, vector, true);
    setBit(state.triggerMode, vector, levelTriggered);
    this.update();
    return true;
  }

  private fail(error: number): void {
    const before = this.state.errors;
    this.state.errors |= error;
    const entry = this.state.localVectors[local.error] ?? 0;
    // A bad vector in the error entry itself is no reason to report without end.
    if (before !== this.state.errors && (entry & 0xff) >= firstVector) this.fireLocal(local.error);
  }

  /** The 8259A's request passes while the APIC is off, or through LINT0 or the I/O APIC in ExtINT mode. */
  private externalRequest(): boolean {
    const { lint0, external, localVectors } = this.state;
    if (!this.state.present) return lint0;
    const entry = localVectors[local.lint0] ?? 0;
    const open = (entry & lvt.masked) === 0 && deliveryOf(entry) === delivery.external;
    return (open && lint0) || (external && this.enabled);
  }

  /** The greater of the task's priority class and that of the interrupt in service (SDM 3A 10.8.3.1). */
  private processorPriority(): number {
    const serving = Math.max(0, highest(this.state.inService));
    const task = this.state.taskPriority;
    return task >>> 4 >= serving >>> 4 ? task : serving & 0xf0;
  }

  /** The vector to be served next, or -1. */
  private deliverable(): number {
    const vector = highest(this.state.request);
    return vector >= 0 && vector >>> 4 > this.processorPriority() >>> 4 ? vector : -1;
  }

  private endOfInterrupt(): void {
    const state = this.state;
    const vector = highest(state.inService);
    if (vector < 0) return;
    setBit(state.inService, vector, false);
    if (!hasBit(state.triggerMode, vector)) return;
    this.endLocalLevel(local.lint0, vector, state.lint0);
    this.endLocalLevel(local.lint1, vector, state.lint1);
    this.pins.endOfLevel(vector);
  }

  private endLocalLevel(index: number, vector: number, level: boolean): void {
    const entry = this.state.localVectors[index] ?? 0;
    if ((entry & lvt.remoteIrr) === 0 || (entry & 0xff) !== vector) return;
    this.state.localVectors[index] = entry & ~lvt.remoteIrr;
    this.changePin(index, level, false);
  }

  private update(): void {
    this.pins.interrupt((this.state.present && this.deliverable() >= 0) || this.externalRequest());
  }

  // Messages between processors, of which there is one.

  private send(): void {
    const { commandLow: low, commandHigh: high } = this.state;
    const mode = deliveryOf(low);
    const vector = low & 0xff;
    const shorthand = (low >>> 18) & 3;
    const asserted = (low & 0x4000) !== 0;
    // INIT level de-assert only synchronises arbitration (SDM 3A 10.6.1).
    if (mode === delivery.init && !asserted) return;
    if ((mode === delivery.fixed || mode === delivery.lowest) && vector < firstVector) {
      this.fail(apicError.sendIllegal);
      return;
    }
    const allButSelf = 3;
    if (shorthand === allButSelf) return;
    const message = { vector, mode, destination: high >>> 24, logical: (low & 0x800) !== 0, levelTriggered: false };
    if (shorthand !== 0 || isDestination(this.state, message)) this.deliver(mode, vector, false);
  }
}
