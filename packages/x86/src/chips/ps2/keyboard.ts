import { byte, list, record, type Shape, whole } from "../../snapshot/shape.ts";

/** What a PS/2 device remembers. */
export interface Ps2DeviceState {
  /** Bytes on their way to the controller. */
  output: number[];
  /** The command that the next byte is a parameter of; 0 when it is a command itself. */
  awaiting: number;
  /** Settings: scan code set and lights of a keyboard; sample rate and resolution of a mouse. */
  settings: number[];
}

/** A device at the other end of a PS/2 cable. */
export interface Ps2Device {
  readonly state: Ps2DeviceState;
  /** Takes a byte from the controller. */
  receive(value: number): void;
  reset(): void;
  restore(state: Ps2DeviceState): void;
}

/** More than the longest answer, several times over: what a device has to say beyond that gets lost, as its own buffer is small. */
export const mostOutput = 64;

export const ps2DeviceShape: Shape<Ps2DeviceState> = record({
  output: list(byte, { most: mostOutput }),
  awaiting: byte,
  settings: list(whole(0, 0xff), { exactly: 2 }),
});

/** Answers of every PS/2 device (IBM PS/2 technical reference, keyboard). */
export const answer = { acknowledge: 0xfa, testPassed: 0xaa, resend: 0xfe, echo: 0xee } as const;

const command = {
  lights: 0xed,
  echo: 0xee,
  scanCodeSet: 0xf0,
  identify: 0xf2,
  repeatRate: 0xf3,
  enable: 0xf4,
  disable: 0xf5,
  defaults: 0xf6,
  resend: 0xfe,
  reset: 0xff,
} as const;
const withParameter: ReadonlySet<number> = new Set([command.lights, command.scanCodeSet, command.repeatRate]);
/** An MF2 keyboard. */
const identity = [0xab, 0x83] as const;
/** Scan code set 2, no lights. */
const powerOn = (): Ps2DeviceState => ({ output: [], awaiting: 0, settings: [2, 0] });

/** A keyboard that answers its controller. Nobody types on it yet. */
export class Keyboard implements Ps2Device {
  state: Ps2DeviceState = powerOn();

  reset(): void {
    this.state = powerOn();
  }

  restore(state: Ps2DeviceState): void {
    this.state = structuredClone(state);
  }

  receive(value: number): void {
    const { awaiting } = this.state;
    this.state.awaiting = 0;
    // A command in the place of a parameter is a command.
    if (awaiting !== 0 && value < command.lights) this.#parameter(awaiting, value);
    else this.#command(value);
  }

  #say(...values: readonly number[]): void {
    const { output } = this.state;
    if (output.length + values.length <= mostOutput) output.push(...values);
  }

  #command(value: number): void {
    if (withParameter.has(value)) this.state.awaiting = value;
    if (value === command.reset) this.state = powerOn();
    if (value === command.defaults || value === command.disable) this.state.settings[0] = 2;
    switch (value) {
      case command.reset:
        return this.#say(answer.acknowledge, answer.testPassed);
      case command.identify:
        return this.#say(answer.acknowledge, ...identity);
      case command.echo:
        return this.#say(answer.echo);
      default:
        return this.#say(Object.values<number>(command).includes(value) ? answer.acknowledge : answer.resend);
    }
  }

  #parameter(of: number, value: number): void {
    const { settings } = this.state;
    if (of === command.lights) settings[1] = value;
    if (of !== command.scanCodeSet) return this.#say(answer.acknowledge);
    if (value === 0) return this.#say(answer.acknowledge, settings[0] ?? 2);
    if (value > 3) return this.#say(answer.resend);
    settings[0] = value;
    this.#say(answer.acknowledge);
  }
}
