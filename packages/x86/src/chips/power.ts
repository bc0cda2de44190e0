import type { AccessSize, Device } from "../bus/device.ts";
import { byte, type Shape, word } from "../snapshot/shape.ts";

/** SLP_EN of the PM1 control register (ACPI 4.8.3.2.1). */
const sleepEnable = 1 << 13;

/**
 * PM1a control register, 16 bits: a write with SLP_EN and sleep type 0 (what QEMU's firmware gives for S5) switches the power off.
 */
export class PowerControl implements Device<number> {
  readonly shape: Shape<number> = word;
  private control = 0;
  private readonly powerOff: () => void;

  constructor(powerOff: () => void) {
    this.powerOff = powerOff;
  }

  read(_offset: number, _size: AccessSize): number {
    return this.control;
  }

  write(_offset: number, _size: AccessSize, value: number): void {
    // SLP_EN is write-only and reads as zero.
    this.control = value & ~sleepEnable;
    if ((value & sleepEnable) !== 0) this.powerOff();
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
