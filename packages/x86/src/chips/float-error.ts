import type { AccessSize, Device, Pin } from "../bus/device.ts";
import { flag, record, type Shape } from "../snapshot/shape.ts";

export interface FloatErrorState {
  /** The interrupt request that FERR# made. */
  requested: boolean;
  /** IGNNE#: the processor is to go on in spite of a pending x87 exception. */
  ignored: boolean;
}

const powerOn = (): FloatErrorState => ({ requested: false, ignored: false });

/**
 * How a PC/AT reports x87 errors when CR0.NE is clear (SDM 1 D.2.1.2): FERR# requests interrupt line 13; a write to port F0h withdraws
 * the request and asserts IGNNE# until the error is cleared.
 */
export class FloatError implements Device<FloatErrorState> {
  readonly shape: Shape<FloatErrorState> = record({ requested: flag, ignored: flag });
  private state = powerOn();
  private readonly interrupt: Pin;

  constructor(interrupt: Pin) {
    this.interrupt = interrupt;
  }

  /** The processor's FERR#: an instruction meets a pending error, or there is none any more. The level of IGNNE#. */
  report(pending: boolean): boolean {
    if (!pending) this.state = powerOn();
    else if (!this.state.ignored) this.state.requested = true;
    this.interrupt(this.state.requested);
    return this.state.ignored;
  }

  read(): number {
    return 0xff;
  }

  write(_offset: number, _size: AccessSize, _value: number): void {
    if (!this.state.requested) return;
    this.state = { requested: false, ignored: true };
    this.interrupt(false);
  }

  reset(): void {
    this.state = powerOn();
    this.interrupt(false);
  }

  save(): FloatErrorState {
    return { ...this.state };
  }

  restore(state: FloatErrorState): void {
    this.state = { ...state };
    this.interrupt(state.requested);
  }
}
