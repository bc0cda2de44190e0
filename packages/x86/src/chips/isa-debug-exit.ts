import type { AccessSize, Device } from "../bus/device.ts";
import { nothing, type Shape } from "../snapshot/shape.ts";

/**
 * QEMU's `isa-debug-exit`: a write of n ends the machine with the guest's code n. It has no state.
 */
export class IsaDebugExit implements Device<null> {
  readonly shape: Shape<null> = nothing;
  private readonly exit: (code: number) => void;

  constructor(exit: (code: number) => void) {
    this.exit = exit;
  }

  read(_offset: number, _size: AccessSize): number {
    return 0;
  }

  write(_offset: number, _size: AccessSize, value: number): void {
    this.exit(value);
  }

  reset(): void {}

  save(): null {
    return null;
  }

  restore(): void {}
}
