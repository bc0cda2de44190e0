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

/** The host's clock, from the moment of construction on; `offset` carries the time of a restored snapshot. */
export class HostTime implements TimeSource {
  private readonly start = performance.now();
  private offset = 0;

  now(): number {
    return this.offset + Math.floor((performance.now() - this.start) * 1e6);
  }

  save(): number {
    return this.now();
  }

  restore(now: number): void {
    this.offset += now - this.now();
  }
}
