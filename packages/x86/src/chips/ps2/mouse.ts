import { answer, mostOutput, type Ps2Device, type Ps2DeviceState } from "./keyboard.ts";

/** Commands of a mouse (IBM PS/2 technical reference, mouse). */
const command = {
  scalingOne: 0xe6,
  scalingTwo: 0xe7,
  resolution: 0xe8,
  status: 0xe9,
  stream: 0xea,
  readData: 0xeb,
  leaveWrap: 0xec,
  wrap: 0xee,
  remote: 0xf0,
  identify: 0xf2,
  sampleRate: 0xf3,
  enable: 0xf4,
  disable: 0xf5,
  defaults: 0xf6,
  reset: 0xff,
} as const;
const withParameter: ReadonlySet<number> = new Set([command.resolution, command.sampleRate]);
/** A mouse of two or three buttons without a wheel. */
const identity = 0x00;
/** A packet of no movement and no button: bit 3 is always 1. */
const still = [0x08, 0x00, 0x00] as const;
/** 100 samples a second, 4 counts a millimetre. */
const powerOn = (): Ps2DeviceState => ({ output: [], awaiting: 0, settings: [100, 2] });

/** A mouse that answers its controller and never moves. */
export class Mouse implements Ps2Device {
  state: Ps2DeviceState = powerOn();

  reset(): void {
    this.state = powerOn();
  }

  restore(state: Ps2DeviceState): void {
    this.state = structuredClone(state);
  }

  receive(value: number): void {
    const { awaiting, settings } = this.state;
    this.state.awaiting = 0;
    if (awaiting === 0) return this.#command(value);
    settings[awaiting === command.sampleRate ? 0 : 1] = value;
    this.#say(answer.acknowledge);
  }

  #say(...values: readonly number[]): void {
    const { output } = this.state;
    if (output.length + values.length <= mostOutput) output.push(...values);
  }

  #command(value: number): void {
    if (withParameter.has(value)) this.state.awaiting = value;
    if (value === command.reset || value === command.defaults) this.state.settings = powerOn().settings;
    switch (value) {
      case command.reset:
        this.state.output = [];
        return this.#say(answer.acknowledge, answer.testPassed, identity);
      case command.identify:
        return this.#say(answer.acknowledge, identity);
      case command.readData:
        return this.#say(answer.acknowledge, ...still);
      case command.status:
        return this.#say(answer.acknowledge, 0, this.state.settings[1] ?? 0, this.state.settings[0] ?? 0);
      default:
        return this.#say(Object.values<number>(command).includes(value) ? answer.acknowledge : answer.resend);
    }
  }
}
