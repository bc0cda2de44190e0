import type { AccessSize, Device, Pin } from "../bus/device.ts";
import type { Alarm, Clock } from "../clock/clock.ts";
import { Ticks } from "../clock/ticks.ts";
import { record, type Shape, word } from "../snapshot/shape.ts";

/** Registers of the power management block (ACPI 4.8.3; Intel 290562, PIIX4 function 3). All are 16 bits wide but the timer. */
const register = { status: 0, enable: 2, control: 4, timer: 8 } as const;
/** Bits of PM1 status and enable (ACPI 4.8.3.1). */
const event = { timer: 1 << 0, globalLock: 1 << 5, powerButton: 1 << 8, rtc: 1 << 10, wake: 1 << 15 } as const;
const events = event.timer | event.globalLock | event.powerButton | event.rtc;
/** Bits of PM1 control (ACPI 4.8.3.2.1): SCI_EN, SLP_TYP, SLP_EN. */
const control = { sciEnable: 1 << 0, sleepType: 7 << 10, sleepEnable: 1 << 13 } as const;
const ticks = new Ticks(3_579_545);
const timerBits = 24;
/** Ticks between two changes of the timer's highest bit. */
const carry: number = 2 ** (timerBits - 1);

export interface AcpiPowerState {
  status: number;
  enable: number;
  control: number;
}

const powerOn = (): AcpiPowerState => ({ status: 0, enable: 0, control: control.sciEnable });

/**
 * The ACPI fixed hardware of a PIIX4: PM1 event and control registers and the power management timer. It is always in ACPI mode, as on
 * hardware without an SMI command port. SLP_EN with sleep type 0, what QEMU's firmware gives for S5, switches the power off. `interrupt` is the SCI.
 */
export class AcpiPower implements Device<AcpiPowerState> {
  readonly shape: Shape<AcpiPowerState> = record({ status: word, enable: word, control: word });
  private state = powerOn();
  private readonly clock: Clock;
  private readonly interrupt: Pin;
  private readonly powerOff: () => void;
  private alarm: Alarm | undefined;

  constructor(clock: Clock, interrupt: Pin, powerOff: () => void) {
    this.clock = clock;
    this.interrupt = interrupt;
    this.powerOff = powerOff;
  }

  read(offset: number, size: AccessSize): number {
    if (offset >= register.timer) return size === 4 && offset === register.timer ? this.timer() : this.timer() >>> (8 * (offset & 3));
    const { status, enable, control: value } = this.state;
    const words = [status, enable, value, 0];
    const pair = (words[offset >> 1] ?? 0) + 0x1_0000 * (words[(offset >> 1) + 1] ?? 0);
    return pair >>> (8 * (offset & 1));
  }

  write(offset: number, size: AccessSize, value: number): void {
    // A byte or a dword is its part of the words that it covers.
    if (size === 4) {
      this.write(offset, 2, value & 0xffff);
      this.write(offset + 2, 2, value >>> 16);
      return;
    }
    const shift = 8 * (offset & 1);
    const mask = size === 2 ? 0xffff : 0xff << shift;
    this.writeWord(offset & ~1, size === 2 ? value : value << shift, mask);
    this.update();
  }

  reset(): void {
    this.state = powerOn();
    this.update();
  }

  save(): AcpiPowerState {
    return { ...this.state };
  }

  restore(state: AcpiPowerState): void {
    this.state = { ...state };
    this.update();
  }

  private writeWord(offset: number, value: number, mask: number): void {
    const { state } = this;
    if (offset === register.status) this.clearStatus(value & mask);
    else if (offset === register.enable) state.enable = ((state.enable & ~mask) | (value & mask)) & events;
    else if (offset === register.control) this.writeControl((state.control & ~mask) | (value & mask));
  }

  /** Status bits are cleared by writing ones. The timer's is set when its highest bit changes. */
  private clearStatus(bits: number): void {
    this.state.status &= ~bits;
  }

  private writeControl(value: number): void {
    // SLP_EN is write-only, and the mode cannot be left.
    this.state.control = (value & (control.sleepType | 6)) | control.sciEnable;
    if ((value & control.sleepEnable) !== 0 && (value & control.sleepType) === 0) this.powerOff();
  }

  private timer(): number {
    return ticks.at(this.clock.now()) % 2 ** timerBits;
  }

  /** The interrupt's level, and the alarm for the timer's next carry, which is needed only while somebody waits for it. */
  private update(): void {
    const { state } = this;
    this.interrupt((state.status & state.enable) !== 0);
    if (this.alarm !== undefined) this.clock.cancel(this.alarm);
    this.alarm = undefined;
    if ((state.enable & event.timer) === 0) return;
    const next = (Math.floor(ticks.at(this.clock.now()) / carry) + 1) * carry;
    this.alarm = this.clock.schedule(ticks.time(next), () => {
      state.status |= event.timer;
      this.update();
    });
  }
}
