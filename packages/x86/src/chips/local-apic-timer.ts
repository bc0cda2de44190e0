import type { Alarm, Clock } from "../clock/clock.ts";
import { local, type LocalApicState, lvt } from "./local-apic-registers.ts";

/** Nanoseconds of a tick of the bus clock, 100 MHz, before the timer divides it. */
const busTick = 10;
/** Periods that a pause of the host does not swallow. */
const keptPeriods = 100;
/** A periodic timer rings no sooner than this after the last time, nanoseconds: no guest may keep the host busy with it alone. */
const shortestPeriod = 20_000;

/** The timer of a local APIC (SDM 3A 10.5.4): it works on the APIC's registers and says when it has come to its end. */
export class LocalApicTimer {
  private readonly clock: Clock;
  private readonly registers: () => LocalApicState;
  private readonly fire: () => void;
  private alarm: Alarm | undefined;

  /** `registers` gives the state as it is now; `fire` is called at each end. */
  constructor(clock: Clock, registers: () => LocalApicState, fire: () => void) {
    this.clock = clock;
    this.registers = registers;
    this.fire = fire;
  }

  /** The current-count register. */
  count(): number {
    const { counting, initialCount, start } = this.registers();
    if (!counting) return 0;
    const passed = Math.floor((this.clock.now() - start) / this.tick);
    return this.periodic ? initialCount - (passed % initialCount) : Math.max(0, initialCount - passed);
  }

  /** Begins to count down from the initial count; 0 stops it. */
  start(): void {
    const state = this.registers();
    state.start = this.clock.now();
    state.counting = state.initialCount !== 0;
    this.set();
  }

  /** A new divide configuration: the count goes on from where it is, at the new pace. */
  divide(configuration: number): void {
    const state = this.registers();
    const gone = state.counting ? state.initialCount - this.count() : 0;
    state.divide = configuration;
    state.start = Math.max(0, this.clock.now() - gone * this.tick);
    this.set();
  }

  /** Sets the alarm anew, after the registers were changed. */
  set(): void {
    if (this.alarm !== undefined) this.clock.cancel(this.alarm);
    this.alarm = undefined;
    const { counting, start, initialCount } = this.registers();
    if (!counting) return;
    const period = initialCount * this.tick;
    this.alarm = this.clock.schedule(start + (this.periodic ? Math.max(period, shortestPeriod) : period), () => this.expire());
  }

  private expire(): void {
    const state = this.registers();
    const period = state.initialCount * this.tick;
    this.alarm = undefined;
    state.counting = this.periodic;
    // Whole periods: what `count` tells stays true.
    const passed = Math.floor((this.clock.now() - state.start) / period);
    const skips = passed > keptPeriods || period < shortestPeriod;
    state.start += (skips ? passed : 1) * period;
    this.set();
    this.fire();
  }

  /** Nanoseconds of one count: the divide configuration's bits 0, 1 and 3 (SDM 3A figure 10-10). */
  private get tick(): number {
    const { divide } = this.registers();
    const code = (divide & 3) | ((divide & 8) >>> 1);
    return busTick * (code === 7 ? 1 : 2 << code);
  }

  private get periodic(): boolean {
    return ((this.registers().localVectors[local.timer] ?? 0) & lvt.periodic) !== 0;
  }
}
