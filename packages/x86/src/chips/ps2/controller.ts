import type { AccessSize, Device, Pin } from "../../bus/device.ts";
import { byte, flag, list, record, type Shape } from "../../snapshot/shape.ts";
import { Keyboard, type Ps2DeviceState, ps2DeviceShape } from "./keyboard.ts";
import { Mouse } from "./mouse.ts";

/** Commands (IBM PC/AT and PS/2 technical references, keyboard controller). 20h to 3Fh read and 60h to 7Fh write its memory. */
const command = {
  disableMouse: 0xa7,
  enableMouse: 0xa8,
  testMouse: 0xa9,
  selfTest: 0xaa,
  testKeyboard: 0xab,
  disableKeyboard: 0xad,
  enableKeyboard: 0xae,
  readInput: 0xc0,
  readOutput: 0xd0,
  writeOutput: 0xd1,
  fromKeyboard: 0xd2,
  fromMouse: 0xd3,
  toMouse: 0xd4,
} as const;
const memorySize = 32;
const isRead = (value: number): boolean => value >= 0x20 && value < 0x40;
const isWrite = (value: number): boolean => value >= 0x60 && value < 0x80;
/** F0h to FFh pulse the output port's lower bits low: bit 0 is the processor's reset line. */
const pulses = 0xf0;

const status = { outputFull: 0x01, systemFlag: 0x04, commandLast: 0x08, unlocked: 0x10, mouseOutput: 0x20 } as const;
/** The mode, cell 0 of the memory. */
const mode = { keyboardInterrupt: 0x01, mouseInterrupt: 0x02, keyboardOff: 0x10, mouseOff: 0x20, translate: 0x40 } as const;
/** Output port: reset line (low resets), address line 20, and the two interrupt requests. */
const outputPort = { notReset: 0x01, a20: 0x02, keyboardRequest: 0x10, mouseRequest: 0x20 } as const;
/** Input port: the keyboard is not locked, and the display is of colour. */
const inputPort = 0x80;

/** Translation from scan code set 2 to 1 of what a keyboard nobody types on says: numbers of sets, and the second byte of its identity. */
const translation: ReadonlyMap<number, number> = new Map([
  [0x01, 0x43],
  [0x02, 0x41],
  [0x03, 0x3f],
  [0x83, 0x41],
]);

export interface I8042State {
  memory: number[];
  /** Bytes of the controller's own for the output buffer; bit 8: as if from the mouse. */
  answers: number[];
  /** The output buffer; -1 when it is empty, bit 8 as above. */
  buffer: number;
  /** The command that the next data byte belongs to; 0 when it is for the keyboard. */
  awaiting: number;
  commandLast: boolean;
  a20: boolean;
  keyboard: Ps2DeviceState;
  mouse: Ps2DeviceState;
}

const fromMouse = 0x100;
/** More than any driver leaves unread. */
const mostAnswers = 16;
const empty = -1;

/** Firmware leaves the keyboard on, with translation and interrupt, the mouse off, and the system flag set. */
const powerOnMode = mode.keyboardInterrupt | mode.mouseOff | mode.translate | status.systemFlag;

const output: Shape<number> = {
  check: (data, place) => (data === empty ? empty : answerShape.check(data, place)),
};
const answerShape: Shape<number> = {
  check: (data, place) =>
    typeof data === "number" && data > 0xff ? fromMouse + byte.check(data - fromMouse, place) : byte.check(data, place),
};

/**
 * Keyboard and mouse controller of a PS/2, with a keyboard and a mouse. Offset 0 is the data port (60h), 4 the command and status port
 * (64h). Interrupts are pulses while the output buffer is full.
 */
export class I8042 implements Device<I8042State> {
  readonly shape: Shape<I8042State> = record({
    memory: list(byte, { exactly: memorySize }),
    answers: list(answerShape, { most: mostAnswers }),
    buffer: output,
    awaiting: byte,
    commandLast: flag,
    a20: flag,
    keyboard: ps2DeviceShape,
    mouse: ps2DeviceShape,
  });
  readonly #keyboard = new Keyboard();
  readonly #mouse = new Mouse();
  readonly #interrupts: { readonly keyboard: Pin; readonly mouse: Pin };
  readonly #resetMachine: () => void;
  #memory: number[] = [];
  #answers: number[] = [];
  #buffer: number = empty;
  #awaiting = 0;
  #commandLast = false;
  #a20 = true;

  constructor(resetMachine: () => void, interrupts: { readonly keyboard: Pin; readonly mouse: Pin }) {
    this.#resetMachine = resetMachine;
    this.#interrupts = interrupts;
    this.reset();
  }

  read(offset: number, _size: AccessSize): number {
    if (offset !== 0) return this.#status();
    const value = this.#buffer;
    this.#buffer = empty;
    this.#update();
    this.#fill();
    return value === empty ? 0 : value & 0xff;
  }

  write(offset: number, _size: AccessSize, value: number): void {
    this.#commandLast = offset === 4;
    if (offset === 4) this.#execute(value);
    else this.#data(value);
    this.#fill();
  }

  reset(): void {
    this.#memory = Array.from({ length: memorySize }, (_, cell) => (cell === 0 ? powerOnMode : 0));
    this.#answers = [];
    this.#buffer = empty;
    this.#awaiting = 0;
    this.#commandLast = false;
    this.#a20 = true;
    this.#keyboard.reset();
    this.#mouse.reset();
    this.#update();
  }

  save(): I8042State {
    return structuredClone({
      memory: this.#memory,
      answers: this.#answers,
      buffer: this.#buffer,
      awaiting: this.#awaiting,
      commandLast: this.#commandLast,
      a20: this.#a20,
      keyboard: this.#keyboard.state,
      mouse: this.#mouse.state,
    });
  }

  restore(state: I8042State): void {
    this.#memory = [...state.memory];
    this.#answers = [...state.answers];
    this.#buffer = state.buffer;
    this.#awaiting = state.awaiting;
    this.#commandLast = state.commandLast;
    this.#a20 = state.a20;
    this.#keyboard.restore(state.keyboard);
    this.#mouse.restore(state.mouse);
    this.#update();
  }

  get #mode(): number {
    return this.#memory[0] ?? 0;
  }

  #setMode(value: number): void {
    this.#memory[0] = value;
    this.#update();
  }

  #status(): number {
    const full = this.#buffer === empty ? 0 : this.#buffer >= fromMouse ? status.outputFull | status.mouseOutput : status.outputFull;
    return full | status.unlocked | (this.#mode & status.systemFlag) | (this.#commandLast ? status.commandLast : 0);
  }

  #answer(value: number): void {
    if (this.#answers.length < mostAnswers) this.#answers.push(value);
  }

  #execute(value: number): void {
    this.#awaiting = 0;
    if (isRead(value)) return this.#answer(this.#memory[value & (memorySize - 1)] ?? 0);
    if (value >= pulses) return (value & 1) === 0 ? this.#resetMachine() : undefined;
    switch (value) {
      case command.disableMouse:
        return this.#setMode(this.#mode | mode.mouseOff);
      case command.enableMouse:
        return this.#setMode(this.#mode & ~mode.mouseOff);
      case command.disableKeyboard:
        return this.#setMode(this.#mode | mode.keyboardOff);
      case command.enableKeyboard:
        return this.#setMode(this.#mode & ~mode.keyboardOff);
      case command.testMouse:
      case command.testKeyboard:
        return this.#answer(0x00);
      case command.selfTest:
        this.#setMode(this.#mode | status.systemFlag);
        return this.#answer(0x55);
      case command.readInput:
        return this.#answer(inputPort);
      case command.readOutput:
        return this.#answer(this.#outputPort());
      default:
        this.#awaiting = value;
    }
  }

  #data(value: number): void {
    const awaiting = this.#awaiting;
    this.#awaiting = 0;
    if (isWrite(awaiting)) {
      this.#memory[awaiting & (memorySize - 1)] = value;
      return this.#update();
    }
    switch (awaiting) {
      case command.writeOutput:
        this.#a20 = (value & outputPort.a20) !== 0;
        return (value & outputPort.notReset) === 0 ? this.#resetMachine() : undefined;
      case command.fromKeyboard:
        return this.#answer(value);
      case command.fromMouse:
        return this.#answer(value | fromMouse);
      case command.toMouse:
        this.#setMode(this.#mode & ~mode.mouseOff);
        return this.#mouse.receive(value);
      default:
        // Sending to the keyboard starts its clock.
        this.#setMode(this.#mode & ~mode.keyboardOff);
        this.#keyboard.receive(value);
    }
  }

  #outputPort(): number {
    const request = this.#buffer === empty ? 0 : this.#buffer >= fromMouse ? outputPort.mouseRequest : outputPort.keyboardRequest;
    return outputPort.notReset | (this.#a20 ? outputPort.a20 : 0) | request;
  }

  /** Puts the next byte into an empty output buffer: the controller's own come first. */
  #fill(): void {
    if (this.#buffer !== empty) return;
    this.#buffer = this.#answers.shift() ?? this.#fromKeyboard() ?? this.#fromMouse() ?? empty;
    this.#update();
  }

  #fromKeyboard(): number | undefined {
    if ((this.#mode & mode.keyboardOff) !== 0) return undefined;
    const value = this.#keyboard.state.output.shift();
    if (value === undefined || (this.#mode & mode.translate) === 0) return value;
    return translation.get(value) ?? value;
  }

  #fromMouse(): number | undefined {
    if ((this.#mode & mode.mouseOff) !== 0) return undefined;
    const value = this.#mouse.state.output.shift();
    return value === undefined ? undefined : value | fromMouse;
  }

  #update(): void {
    const full = this.#buffer !== empty;
    const mouse = this.#buffer >= fromMouse;
    this.#interrupts.keyboard(full && !mouse && (this.#mode & mode.keyboardInterrupt) !== 0);
    this.#interrupts.mouse(full && mouse && (this.#mode & mode.mouseInterrupt) !== 0);
  }
}
