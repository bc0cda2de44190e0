import { WaitQueue } from "../sched/wait";
import {
  B115200, CREAD, CS8, ECHO, ECHOCTL, ECHOE, ECHOK, ECHOKE, HUPCL, ICANON, ICRNL, IEXTEN, ISIG, IUTF8, IXON, ONLCR, OPOST, TERMIOS_CHARACTERS,
  TERMIOS_SIZE, Termios, VEOF, VERASE, VINTR, VKILL, VLNEXT, VMIN, VQUIT, VREPRINT, VSTART, VSTOP, VSUSP, VWERASE, WindowSize,
} from "../../linux/terminal";

/** A terminal: settings, what was typed and not read yet, and whose it is. Interrupt handlers change it: touch it with interrupts off. */
// @ts-ignore: decorator
@unmanaged export class Terminal {
  settings: Termios;
  window: WindowSize;
  /** Ring of INPUT_SIZE bytes and one mark bit for each: the byte ends a line. */
  ring: usize;
  marks: usize;
  /** Free-running counts: bytes typed, bytes readable in canonical mode, bytes read. */
  typed: u32;
  complete: u32;
  taken: u32;
  /** The next character is taken literally. */
  literal: u32;
  /** Output column, and the column at which the line being typed starts. */
  column: u32;
  lineColumn: u32;
  /** Output is held (IXON). */
  stopped: u32;
  /** Session that the terminal controls and its foreground group; 0: none. */
  session: u32;
  foreground: u32;
  readers: WaitQueue;
  writers: WaitQueue;
}

/** Bytes of the input ring, a power of two (N_TTY_BUF_SIZE). */
export const INPUT_SIZE: u32 = 4096;
/** A control character that is switched off. */
const DISABLED: u32 = 0;

const settings: usize = memory.data(36, 4);
const window: usize = memory.data(8, 4);
const ring: usize = memory.data(4096, 16);
const marks: usize = memory.data(512, 4);
const readers: usize = memory.data(4, 4);
const writers: usize = memory.data(4, 4);
const instance: usize = memory.data(offsetof<Terminal>(), 4);

/** The terminal on the console line. */
// @ts-ignore: decorator
@inline export function consoleTerminal(): Terminal {
  return changetype<Terminal>(instance);
}

/** The console terminal as Linux sets a serial line up (tty_std_termios), at 115,200 baud and 24 lines of 80. */
export function initializeTerminal(): void {
  const terminal = consoleTerminal();
  memory.fill(instance, 0, offsetof<Terminal>());
  terminal.settings = changetype<Termios>(settings);
  terminal.window = changetype<WindowSize>(window);
  terminal.ring = ring;
  terminal.marks = marks;
  terminal.readers = changetype<WaitQueue>(readers);
  terminal.writers = changetype<WaitQueue>(writers);
  terminal.window.rows = 24;
  terminal.window.columns = 80;
  defaultSettings(terminal.settings);
}

function defaultSettings(termios: Termios): void {
  memory.fill(changetype<usize>(termios), 0, TERMIOS_SIZE);
  termios.input = ICRNL | IXON | IUTF8;
  termios.output = OPOST | ONLCR;
  termios.control = B115200 | CS8 | CREAD | HUPCL;
  termios.local = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
  setCharacter(termios, VINTR, 0x03);
  setCharacter(termios, VQUIT, 0x1c);
  setCharacter(termios, VERASE, 0x7f);
  setCharacter(termios, VKILL, 0x15);
  setCharacter(termios, VEOF, 0x04);
  setCharacter(termios, VMIN, 1);
  setCharacter(termios, VSTART, 0x11);
  setCharacter(termios, VSTOP, 0x13);
  setCharacter(termios, VSUSP, 0x1a);
  setCharacter(termios, VREPRINT, 0x12);
  setCharacter(termios, VWERASE, 0x17);
  setCharacter(termios, VLNEXT, 0x16);
}

function setCharacter(termios: Termios, index: u32, value: u8): void {
  store<u8>(changetype<usize>(termios) + TERMIOS_CHARACTERS + index, value);
}

/** Control character `index` (VINTR ...). */
// @ts-ignore: decorator
@inline export function characterOf(terminal: Terminal, index: u32): u32 {
  return load<u8>(changetype<usize>(terminal.settings) + TERMIOS_CHARACTERS + index);
}

/** Whether `byte` is control character `index`, which is not switched off. */
// @ts-ignore: decorator
@inline export function isCharacter(terminal: Terminal, byte: u32, index: u32): bool {
  return byte == characterOf(terminal, index) && byte != DISABLED;
}

/** Whether any of these local flags is set. */
// @ts-ignore: decorator
@inline export function hasLocal(terminal: Terminal, flags: u32): bool {
  return (terminal.settings.local & flags) != 0;
}
