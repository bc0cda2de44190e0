import type { AccessSize, Device } from "../bus/device.ts";
import { byte, type Shape } from "../snapshot/shape.ts";

/**
 * Reset control register of the PIIX3 (Intel 290550, 0CF9h): bit 1 chooses a hard reset, a rising bit 2 does it.
 */
export class ResetControl implements Device<number> {
  readonly shape: Shape<number> = byte;
  private control = 0;
  private readonly resetMachine: () => void;

  constructor(resetMachine: () => void) {
    this.resetMachine = resetMachine;
  }

  read(_offset: number, _size: AccessSize): number {
    return this.control;
  }

  write(_offset: number, _size: AccessSize, value: number): void {
    const rising = (value & 4) !== 0 && (this.control & 4) === 0;
    this.control = value & 0x02;
    if (rising) this.resetMachine();
  }

  reset(): void {
    this.control = 0;
  }

  save(): number {
    return this.control;
  }

  restore(control: number): void {
    this.control = control;
  }
}
