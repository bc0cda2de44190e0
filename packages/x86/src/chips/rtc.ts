import type { AccessSize, Device, Pin } from "../bus/device.ts";
import type { Alarm, Clock } from "../clock/clock.ts";
import { Ticks } from "../clock/ticks.ts";
import { byte, list, record, type Shape, whole } from "../snapshot/shape.ts";

/** Cells of the MC146818's map. The date has no century there: PCs keep it at 32h. */
const cell = {
  seconds: 0,
  secondsAlarm: 1,
  minutes: 2,
  minutesAlarm: 3,
  hours: 4,
  hoursAlarm: 5,
  weekday: 6,
  day: 7,
  month: 8,
  year: 9,
  statusA: 10,
  statusB: 11,
  statusC: 12,
  statusD: 13,
  century: 0x32,
} as const;
const statusB = { set: 0x80, periodic: 0x40, alarm: 0x20, updateEnded: 0x10, binary: 0x04, hours24: 0x02 } as const;
const statusC = { request: 0x80, periodic: 0x40, alarm: 0x20, updateEnded: 0x10 } as const;
/** Register A at power-on: 32,768 Hz time base, rate 6 (1,024 Hz). */
const initialA = 0x26;
const second = 1e9;
const ticks = new Ticks(32_768);
/** An alarm cell of 11xxxxxx matches any value. */
const dontCare = 0xc0;

export interface RtcState {
  index: number;
  /** All 128 cells; the clock's own are computed when read. */
  cells: number[];
  /** Milliseconds since 1970 at machine time 0. */
  epoch: number;
}

const shape: Shape<RtcState> = record({
  index: whole(0, 0x7f),
  cells: list(byte, { exactly: 128 }),
  // The range of dates that ECMAScript has (ECMA-262 21.4.1.1).
  epoch: whole(-8.64e15, 8.64e15),
});

/** MC146818A real-time clock and CMOS memory: offset 0 selects a cell, 1 accesses it. Its calendar follows machine time. */
export class Rtc implements Device<RtcState> {
  readonly shape: Shape<RtcState> = shape;
  private state: RtcState;
  private readonly clock: Clock;
  private readonly interrupt: Pin;
  private periodic: Alarm | undefined;
  private update: Alarm | undefined;

  /** `epoch`: milliseconds since 1970, UTC, at machine time 0. `contents`: cells that the board presets (memory size). */
  constructor(clock: Clock, interrupt: Pin, epoch: number, contents: ReadonlyMap<number, number> = new Map()) {
    this.clock = clock;
    this.interrupt = interrupt;
    const cells = Array.from({ length: 128 }, (_, index) => contents.get(index) ?? 0);
    cells[cell.statusA] = initialA;
    cells[cell.statusB] = statusB.hours24;
    this.state = { index: 0, cells, epoch };
  }

  /** Reset clears the interrupt enables and flags, not the time (data sheet, RESET pin). */
  reset(): void {
    this.set(cell.statusB, this.get(cell.statusB) & ~(statusB.periodic | statusB.alarm | statusB.updateEnded));
    this.set(cell.statusC, 0);
    this.reprogram();
  }

  save(): RtcState {
    return { ...this.state, cells: [...this.state.cells] };
  }

  restore(state: RtcState): void {
    this.state = { ...state, cells: [...state.cells] };
    this.reprogram();
  }

  read(offset: number, _size: AccessSize): number {
    return offset === 0 ? 0xff : this.readCell(this.state.index);
  }

  write(offset: number, _size: AccessSize, value: number): void {
    // Bit 7 of the index port masks NMI on a PC; it is not part of the index.
    if (offset === 0) this.state.index = value & 0x7f;
    else this.writeCell(this.state.index, value);
  }

  private readCell(index: number): number {
    if (index === cell.statusC) {
      const flags = this.get(cell.statusC);
      this.set(cell.statusC, 0);
      this.interrupt(false);
      return flags;
    }
    if (index === cell.statusD) return 0x80; // VRT: the battery is good
    if (index === cell.statusA) return this.get(index) | (this.updating() ? 0x80 : 0);
    const field = this.fields().get(index);
    return field === undefined ? this.get(index) : this.encode(index, field);
  }

  private writeCell(index: number, value: number): void {
    if (index === cell.statusC || index === cell.statusD) return;
    if (this.fields().has(index)) this.setField(index, value);
    else this.set(index, index === cell.statusA ? value & 0x7f : value);
    if (index <= cell.statusB) this.reprogram();
  }

  /** UIP: the 244 microseconds before an update (data sheet, "update cycle"). */
  private updating(): boolean {
    return (this.get(cell.statusB) & statusB.set) === 0 && second - (this.clock.now() % second) <= 244_000;
  }

  private fields(): Map<number, number> {
    const date = new Date(this.milliseconds());
    return new Map([
      [cell.seconds, date.getUTCSeconds()],
      [cell.minutes, date.getUTCMinutes()],
      [cell.hours, date.getUTCHours()],
      [cell.weekday, date.getUTCDay() + 1],
      [cell.day, date.getUTCDate()],
      [cell.month, date.getUTCMonth() + 1],
      [cell.year, date.getUTCFullYear() % 100],
      [cell.century, Math.floor(date.getUTCFullYear() / 100)],
    ]);
  }

  private milliseconds(): number {
    return this.state.epoch + Math.floor(this.clock.now() / second) * 1000;
  }

  /** Setting the clock moves the epoch, so that time goes on from the new value. */
  private setField(index: number, raw: number): void {
    const value = this.decode(index, raw);
    const date = new Date(this.milliseconds());
    const year = date.getUTCFullYear();
    if (index === cell.seconds) date.setUTCSeconds(value);
    else if (index === cell.minutes) date.setUTCMinutes(value);
    else if (index === cell.hours) date.setUTCHours(value);
    else if (index === cell.day) date.setUTCDate(value);
    else if (index === cell.month) date.setUTCMonth(value - 1);
    else if (index === cell.year) date.setUTCFullYear(year - (year % 100) + value);
    else if (index === cell.century) date.setUTCFullYear(value * 100 + (year % 100));
    // A date that is none after all, beyond the year 275760 say, cannot be kept.
    if (!Number.isNaN(date.getTime())) this.state.epoch += date.getTime() - this.milliseconds();
  }

  /** Binary or BCD, 24 or 12 hours, as register B says. */
  private encode(index: number, value: number): number {
    const mode = this.get(cell.statusB);
    const twelve = index === cell.hours && (mode & statusB.hours24) === 0;
    const shown = twelve ? value % 12 || 12 : value;
    const digits = (mode & statusB.binary) !== 0 ? shown : (Math.floor(shown / 10) << 4) | (shown % 10);
    return twelve && value >= 12 ? digits | 0x80 : digits;
  }

  private decode(index: number, raw: number): number {
    const mode = this.get(cell.statusB);
    const twelve = index === cell.hours && (mode & statusB.hours24) === 0;
    const digits = twelve ? raw & 0x7f : raw;
    const value = (mode & statusB.binary) !== 0 ? digits : (digits >> 4) * 10 + (digits & 15);
    return twelve ? (value % 12) + ((raw & 0x80) !== 0 ? 12 : 0) : value;
  }

  /** Sets the alarms of the two interrupt sources from the registers. */
  private reprogram(): void {
    if (this.periodic !== undefined) this.clock.cancel(this.periodic);
    if (this.update !== undefined) this.clock.cancel(this.update);
    this.periodic = undefined;
    this.update = undefined;
    const enabled = this.get(cell.statusB);
    if ((enabled & statusB.periodic) !== 0) this.schedulePeriodic();
    if ((enabled & (statusB.updateEnded | statusB.alarm)) !== 0) this.scheduleUpdate();
  }

  /** Periods of 32,768 Hz between periodic interrupts: rate 3 to 15 is 2^(rate-1) of them; 1 and 2 are as 8 and 9; 0 is none. */
  private period(): number | undefined {
    const rate = this.get(cell.statusA) & 15;
    return rate === 0 ? undefined : 2 ** ((rate < 3 ? rate + 7 : rate) - 1);
  }

  private schedulePeriodic(): void {
    const period = this.period();
    if (period === undefined) return;
    const next = (Math.floor(ticks.at(this.clock.now()) / period) + 1) * period;
    this.periodic = this.clock.schedule(ticks.time(next), () => {
      this.raise(statusC.periodic);
      this.schedulePeriodic();
    });
  }

  private scheduleUpdate(): void {
    const due = (Math.floor(this.clock.now() / second) + 1) * second;
    this.update = this.clock.schedule(due, () => {
      if ((this.get(cell.statusB) & statusB.set) === 0) {
        this.raise(statusC.updateEnded);
        if (this.alarmMatches()) this.raise(statusC.alarm);
      }
      this.scheduleUpdate();
    });
  }

  private alarmMatches(): boolean {
    const pairs = [
      [cell.seconds, cell.secondsAlarm],
      [cell.minutes, cell.minutesAlarm],
      [cell.hours, cell.hoursAlarm],
    ] as const;
    return pairs.every(([time, alarm]) => (this.get(alarm) & dontCare) === dontCare || this.readCell(time) === this.get(alarm));
  }

  /** A flag is set whether or not its interrupt is enabled; the request needs both. */
  private raise(flag: number): void {
    const flags = this.get(cell.statusC) | flag;
    const request = (flags & this.get(cell.statusB) & 0x70) !== 0;
    this.set(cell.statusC, request ? flags | statusC.request : flags);
    if (request) this.interrupt(true);
  }

  private get(index: number): number {
    return this.state.cells[index] ?? 0;
  }

  private set(index: number, value: number): void {
    this.state.cells[index] = value;
  }
}
