import type { AccessSize, Device } from "../bus/device.ts";
import { byte, flag, list, record, type Shape } from "../snapshot/shape.ts";

/** Commands (IBM PC/AT technical reference, keyboard controller). */
const command = { readMode: 0x20, writeMode: 0x60, selfTest: 0xaa, testFirstPort: 0xab, pulseReset: 0xfe } as const;
const status = { outputFull: 0x01, systemFlag: 0x04 } as const;

export interface I8042State {
  mode: number;
  output: number[];
  /** The next data byte is the mode. */
  awaitingMode: boolean;
}

const powerOn = (): I8042State => ({ mode: 0x74, output: [], awaitingMode: false });

/**
 * Keyboard controller without keyboard or mouse: it answers its self-test and pulses the processor's reset line. Offset 0 is the data port (60h), 4 the command and
 * status port (64h).
 */
export class I8042 implements Device<I8042State> {
  readonly shape: Shape<I8042State> = record({ mode: byte, output: list(byte, { most: 4096 }), awaitingMode: flag });
  private state = powerOn();
  private readonly resetMachine: () => void;

  constructor(resetMachine: () => void) {
    this.resetMachine = resetMachine;
  }

  read(offset: number, _size: AccessSize): number {
    if (offset === 0) return this.state.output.shift() ?? 0;
    return status.systemFlag | (this.state.output.length > 0 ? status.outputFull : 0);
  }

  write(offset: number, _size: AccessSize, value: number): void {
    if (offset === 4) this.execute(value);
    else if (this.state.awaitingMode) {
      this.state.mode = value;
      this.state.awaitingMode = false;
    }
  }

  reset(): void {
    this.state = powerOn();
  }

  save(): I8042State {
    return { ...this.state, output: [...this.state.output] };
  }

  restore(state: I8042State): void {
    this.state = { ...state, output: [...state.output] };
  }

  private execute(value: number): void {
    if (value === command.pulseReset) this.resetMachine();
    else if (value === command.readMode) this.state.output.push(this.state.mode);
    else if (value === command.writeMode) this.state.awaitingMode = true;
    else if (value === command.selfTest) this.state.output.push(0x55);
    else if (value === command.testFirstPort) this.state.output.push(0x00);
  }
}
