import type { TimeSource } from "./clock.ts";

/**
 * Time from retired instructions, one nanosecond each (interfaces.md `--icount`). A halted processor retires nothing, so time jumps
 * to the next event by `skipTo`; two runs are then identical whatever the host does.
 */
export class InstructionTime implements TimeSource {
  private readonly retired: () => number;
  private skipped = 0;

  constructor(retired: () => number) {
    this.retired = retired;
  }

  now(): number {
    return this.retired() + this.skipped;
  }

  /** Lets the time of a halted processor pass until `due`, nanoseconds. */
  skipTo(due: number): void {
    this.skipped += Math.max(0, Math.ceil(due) - this.now());
  }

  save(): number {
    return this.skipped;
  }

  restore(skipped: number): void {
    this.skipped = skipped;
  }
}

/** Longest step of a running machine's time, nanoseconds: more than any slice of instructions takes. */
const longestStep = 5_000_000;

/**
 * The host's clock, from the moment of construction or restoring on. While the machine runs, no step is longer than 5 ms: when the host
 * gives its processor to others, the machine stands still with all its clocks, and a kernel that holds one of them against another is not misled.
 */
export class HostTime implements TimeSource {
  private readonly host: () => number;
  private seen: number;
  private time = 0;
  private running = false;

  /** `host` gives milliseconds. */
  constructor(host: () => number = () => performance.now()) {
    this.host = host;
    this.seen = host();
  }

  now(): number {
    const seen = this.host();
    const step = Math.max(0, Math.floor((seen - this.seen) * 1e6));
    this.seen += step / 1e6;
    if (!this.running || step <= longestStep) this.time += step;
    else this.time += longestStep;
    return this.time;
  }

  /** The machine runs from here on, or stands still: then time passes as it does for the host. */
  setRunning(running: boolean): void {
    this.now();
    this.running = running;
  }

  save(): number {
    return this.now();
  }

  restore(now: number): void {
    this.now();
    this.time = now;
  }
}
