import type { AccessSize, Device } from "../bus/device.ts";
import { byte, type Shape } from "../snapshot/shape.ts";

/** Bits of port 92h (IBM PS/2 technical reference, system control port A). */
const bit = { fastReset: 0x01, a20: 0x02 } as const;

/**
 * System control port A: a rising bit 0 pulses the processor's reset line, bit 1 is the address line 20 gate. The line is never masked on
 * this machine, so the gate remembers what was written and that is all; it starts open, as firmware leaves it.
 */
export class SystemControlA implements Device<number> {
  readonly shape: Shape<number> = byte;
  private control: number = bit.a20;
  private readonly resetMachine: () => void;

  constructor(resetMachine: () => void) {
    this.resetMachine = resetMachine;
  }

  read(_offset: number, _size: AccessSize): number {
    return this.control;
  }

  write(_offset: number, _size: AccessSize, value: number): void {
    const rising = (value & ~this.control & bit.fastReset) !== 0;
    this.control = value;
    if (rising) this.resetMachine();
  }

  reset(): void {
    this.control = bit.a20;
  }

  save(): number {
    return this.control;
  }

  restore(control: number): void {
    this.control = control;
  }
}
