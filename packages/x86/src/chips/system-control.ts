import type { AccessSize, Device } from "../bus/device.ts";
import { type Shape, whole } from "../snapshot/shape.ts";

/**
 * System control port B of the PC/AT, port 61h: bit 0 gate of timer counter 2, bit 1 speaker data, bit 4 toggles with memory refresh
 * (every 15 microseconds, which programs use as a clock), bit 5 OUT of counter 2.
 */
export class SystemControlB implements Device<number> {
  readonly shape: Shape<number> = whole(0, 0x0f);
  private control = 0;
  private readonly setGate: (level: boolean) => void;
  private readonly out: () => boolean;
  private readonly now: () => number;

  constructor(timer: { setGate(level: boolean): void; readonly speaker: boolean }, now: () => number) {
    this.setGate = (level) => timer.setGate(level);
    this.out = () => timer.speaker;
    this.now = now;
  }

  read(_offset: number, _size: AccessSize): number {
    const refresh = Math.floor(this.now() / 15_085) & 1;
    return this.control | (refresh << 4) | (this.out() ? 0x20 : 0);
  }

  write(_offset: number, _size: AccessSize, value: number): void {
    this.control = value & 0x0f;
    this.setGate((value & 1) !== 0);
  }

  reset(): void {
    this.write(0, 1, 0);
  }

  save(): number {
    return this.control;
  }

  restore(control: number): void {
    this.control = control;
  }
}
