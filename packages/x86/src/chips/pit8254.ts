import type { AccessSize, Device, Pin } from "../bus/device.ts";
import type { Alarm, Clock } from "../clock/clock.ts";
import { Ticks } from "../clock/ticks.ts";
import { flag, list, oneOf, record, type Shape, time, whole } from "../snapshot/shape.ts";

/** Frequency of the PC's timer input: a third of the NTSC colour subcarrier's quadruple, 14.31818 MHz / 12. */
export const pitHertz = 1_193_182;
const ticks = new Ticks(pitHertz);
/** Periods whose edges a pause of the host does not swallow. */
const keptPeriods = 100;

/** State of one counter of an 8254 (Intel 231164). Times are nanoseconds of machine time. */
export interface CounterState {
  mode: number;
  bcd: boolean;
  /** Access mode of the control word: 1 low byte, 2 high byte, 3 low then high. */
  access: 1 | 2 | 3;
  /** Count as loaded: 1 to 65536 (10000 in BCD); 0 while none has been written since the control word. */
  reload: number;
  /** When counting from `reload` began. */
  start: number;
  counting: boolean;
  gate: boolean;
  /** Low byte of a two-byte write under way, or -1. */
  partialWrite: number;
  /** The next byte of a two-byte read is the high one. */
  readHigh: boolean;
  /** Latched count and status, or -1. */
  latchedCount: number;
  latchedStatus: number;
  /** A hardware trigger (rising gate) starts modes 1 and 5. */
  triggered: boolean;
}

export interface Pit8254State {
  readonly counters: readonly CounterState[];
}

const powerOn = (gate: boolean): CounterState => ({
  mode: 3,
  bcd: false,
  access: 3,
  reload: 0,
  start: 0,
  counting: false,
  gate,
  partialWrite: -1,
  readHigh: false,
  latchedCount: -1,
  latchedStatus: -1,
  triggered: false,
});

const counterShape: Shape<CounterState> = record({
  mode: whole(0, 5),
  bcd: flag,
  access: oneOf(1, 2, 3),
  reload: whole(0, 0x1_0000),
  start: time,
  counting: flag,
  gate: flag,
  partialWrite: whole(-1, 0xff),
  readHigh: flag,
  latchedCount: whole(-1, 0xffff),
  latchedStatus: whole(-1, 0xff),
  triggered: flag,
});
const shape: Shape<Pit8254State> = record({ counters: list(counterShape, { exactly: 3 }) });

/** One counter: its value and output are functions of the time since it was loaded, so nothing ticks. */
class Counter {
  state: CounterState;
  private readonly clock: Clock;
  private readonly out: Pin;
  private readonly gateAtPowerOn: boolean;
  private alarm: Alarm | undefined;

  constructor(clock: Clock, gateAtPowerOn: boolean, out: Pin) {
    this.clock = clock;
    this.out = out;
    this.gateAtPowerOn = gateAtPowerOn;
    this.state = powerOn(gateAtPowerOn);
  }

  reset(): void {
    this.state = powerOn(this.gateAtPowerOn);
    this.refresh();
  }

  setMode(mode: number, access: 1 | 2 | 3, bcd: boolean): void {
    const { gate } = this.state;
    // Modes 6 and 7 are 2 and 3 (bit 2 is ignored there).
    this.state = { ...powerOn(gate), mode: mode > 5 ? mode - 4 : mode, access, bcd };
    this.refresh();
  }

  setGate(level: boolean): void {
    const state = this.state;
    const rising = level && !state.gate;
    const { mode } = state;
    if (state.counting && state.gate && !level && (mode === 0 || mode === 4)) this.hold();
    state.gate = level;
    if (rising && state.reload !== 0) {
      if (mode === 1 || mode === 5) state.triggered = true;
      if (mode !== 0 && mode !== 4) this.begin();
      else if (!state.counting) this.resume();
    }
    this.refresh();
  }

  write(value: number): void {
    const state = this.state;
    if (state.access === 3 && state.partialWrite < 0) {
      state.partialWrite = value;
      // The first byte stops a mode 0 count (data sheet, "mode 0").
      if (state.mode === 0) state.counting = false;
      this.refresh();
      return;
    }
    const word = state.access === 3 ? state.partialWrite | (value << 8) : state.access === 1 ? value : value << 8;
    state.partialWrite = -1;
    this.load(state.bcd ? fromBcd(word) || 10_000 : word || 0x1_0000);
  }

  read(): number {
    const state = this.state;
    if (state.latchedStatus >= 0) {
      const status = state.latchedStatus;
      state.latchedStatus = -1;
      return status;
    }
    const word = state.latchedCount >= 0 ? state.latchedCount : this.word();
    const high = state.access === 2 || (state.access === 3 && state.readHigh);
    if (state.access === 3) state.readHigh = !state.readHigh;
    if (state.access !== 3 || high) state.latchedCount = -1;
    return high ? word >>> 8 : word & 0xff;
  }

  latchCount(): void {
    if (this.state.latchedCount < 0) this.state.latchedCount = this.word();
  }

  latchStatus(): void {
    const { state } = this;
    if (state.latchedStatus >= 0) return;
    // Bit 7 OUT, bit 6 no count loaded yet, then the control word.
    state.latchedStatus =
      (this.output() ? 0x80 : 0) | (state.reload === 0 ? 0x40 : 0) | (state.access << 4) | (state.mode << 1) | (state.bcd ? 1 : 0);
  }

  /** Level of OUT at an instant, now if not said. */
  output(at: number = this.clock.now()): boolean {
    const state = this.state;
    const elapsed = this.elapsed(at);
    switch (state.mode) {
      case 0:
        return state.counting && elapsed >= state.reload;
      case 1:
        return !state.triggered || elapsed >= state.reload;
      case 2:
        return !this.running() || elapsed % state.reload !== state.reload - 1;
      case 3:
        return !this.running() || elapsed % state.reload < (state.reload + 1) >> 1;
      default:
        return !this.running() || elapsed !== state.reload;
    }
  }

  /**
   * Tells the pin its level at an instant and waits for the next change. An alarm gives its own instant, not the time at which it rings: the host's clock may have
   * gone past several changes, and each of them is an edge that somebody waits for.
   */
  refresh(at: number = this.clock.now()): void {
    if (this.alarm !== undefined) this.clock.cancel(this.alarm);
    this.alarm = undefined;
    this.out(this.output(at));
    const next = this.nextChange(at);
    if (next === undefined) return;
    this.alarm = this.clock.schedule(this.instant(next), () => this.refresh(this.instant(this.caughtUp(next))));
  }

  /** Nanoseconds of machine time at which so many ticks have passed since counting began. */
  private instant(elapsed: number): number {
    return this.state.start + ticks.time(elapsed);
  }

  /** After a long pause of the host only the last changes are made up for: the tick of the change that takes the place of the one at `change`. */
  private caughtUp(change: number): number {
    const { reload } = this.state;
    const missed = Math.floor((this.elapsed() - change) / reload) - keptPeriods;
    return missed > 0 ? change + missed * reload : change;
  }

  private load(reload: number): void {
    const state = this.state;
    const first = state.reload === 0;
    state.reload = reload;
    // Modes 1 and 5 wait for a trigger; 2 and 3 take a new count at the end of the period, which here is now when none runs.
    if (state.mode === 1 || state.mode === 5) this.refresh();
    else if (first || state.mode === 0 || state.mode === 4) {
      this.begin();
      this.refresh();
    } else {
      state.start = this.clock.now();
      this.refresh();
    }
  }

  private begin(): void {
    this.state.start = this.clock.now();
    this.state.counting = this.state.gate || this.state.mode === 1 || this.state.mode === 5;
  }

  /** A low gate holds the count of modes 0 and 4: what remains is counted from when it rises. */
  private hold(): void {
    const state = this.state;
    state.reload = Math.max(1, state.reload - this.elapsed());
    state.counting = false;
  }

  private resume(): void {
    this.state.start = this.clock.now();
    this.state.counting = true;
  }

  /** The periodic modes count while the gate is high; the others once loaded or triggered. */
  private running(): boolean {
    const { mode, counting, gate, triggered } = this.state;
    if (!counting) return false;
    return mode === 2 || mode === 3 ? gate : mode === 5 ? triggered : true;
  }

  /** Whole ticks since counting began. */
  private elapsed(at: number = this.clock.now()): number {
    const state = this.state;
    return state.counting ? ticks.at(at - state.start) : 0;
  }

  /** Ticks from `start` to the next change of OUT. */
  private nextChange(at: number): number | undefined {
    const { mode, reload } = this.state;
    if (!this.running() || reload === 0) return undefined;
    const elapsed = this.elapsed(at);
    const period = elapsed - (elapsed % reload);
    switch (mode) {
      case 0:
      case 1:
        return elapsed < reload ? reload : undefined;
      case 2:
        return elapsed % reload === reload - 1 ? period + reload : period + reload - 1;
      case 3: {
        const half = (reload + 1) >> 1;
        return elapsed % reload < half ? period + half : period + reload;
      }
      default:
        return elapsed < reload ? reload : elapsed === reload ? reload + 1 : undefined;
    }
  }

  /** The count as a program reads it. */
  private word(): number {
    const state = this.state;
    if (state.reload === 0) return 0;
    const elapsed = this.elapsed();
    const modulus = state.bcd ? 10_000 : 0x1_0000;
    let count: number;
    if (state.mode === 2) count = state.reload - (elapsed % state.reload);
    // Mode 3 counts by two, twice per period.
    else if (state.mode === 3) count = state.reload - ((2 * elapsed) % state.reload);
    else count = (((state.reload - elapsed) % modulus) + modulus) % modulus;
    count %= modulus;
    return state.bcd ? toBcd(count) : count;
  }
}

function fromBcd(word: number): number {
  return ((word >> 12) & 15) * 1000 + ((word >> 8) & 15) * 100 + ((word >> 4) & 15) * 10 + (word & 15);
}

function toBcd(value: number): number {
  return (
    ((Math.floor(value / 1000) % 10) << 12) | ((Math.floor(value / 100) % 10) << 8) | ((Math.floor(value / 10) % 10) << 4) | (value % 10)
  );
}

/** Programmable interval timer: offsets 0 to 2 are the counters, 3 the control word. */
export class Pit8254 implements Device<Pit8254State> {
  readonly shape: Shape<Pit8254State> = shape;
  private readonly counters: readonly [Counter, Counter, Counter];

  /** `outputs` are the OUT pins of the three counters; the gates of 0 and 1 are tied high on a PC, that of 2 is port 61h's. */
  constructor(clock: Clock, outputs: readonly [Pin, Pin, Pin]) {
    this.counters = [new Counter(clock, true, outputs[0]), new Counter(clock, true, outputs[1]), new Counter(clock, false, outputs[2])];
  }

  read(offset: number, _size: AccessSize): number {
    return this.counters[offset]?.read() ?? 0xff;
  }

  write(offset: number, _size: AccessSize, value: number): void {
    if (offset < 3) this.counters[offset]?.write(value);
    else this.control(value);
  }

  /** Gate of counter 2. */
  setGate(level: boolean): void {
    this.counters[2].setGate(level);
  }

  /** OUT of counter 2, which port 61h shows. */
  get speaker(): boolean {
    return this.counters[2].output();
  }

  reset(): void {
    for (const counter of this.counters) counter.reset();
  }

  save(): Pit8254State {
    return { counters: this.counters.map((counter) => ({ ...counter.state })) };
  }

  restore(state: Pit8254State): void {
    for (const [index, counter] of this.counters.entries()) {
      counter.state = { ...(state.counters[index] ?? powerOn(index < 2)) };
      counter.refresh();
    }
  }

  private control(value: number): void {
    const select = value >> 6;
    if (select === 3) {
      this.readBack(value);
      return;
    }
    const counter = this.counters[select];
    const access = (value >> 4) & 3;
    if (access === 0) counter?.latchCount();
    // The test above leaves 1, 2 and 3.
    else counter?.setMode((value >> 1) & 7, access as 1 | 2 | 3, (value & 1) !== 0);
  }

  /** Read-back command: bits 1 to 3 choose counters, a clear bit 5 latches counts, a clear bit 4 latches status. */
  private readBack(value: number): void {
    for (const [index, counter] of this.counters.entries()) {
      if ((value & (2 << index)) === 0) continue;
      if ((value & 0x20) === 0) counter.latchCount();
      if ((value & 0x10) === 0) counter.latchStatus();
    }
  }
}
