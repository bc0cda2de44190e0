/** A byte from the line: the order of questions is that of termios(3). Runs in the interrupt handler, interrupts off. */
import { isReceiving, receiveByte, setReceiving } from "../dev/serial";
import { SIGINT, SIGQUIT, SIGTSTP } from "../proc/signal-numbers";
import { signalGroup } from "../proc/signals";
import { wakeAll } from "../sched/wait";
import {
  ECHO, ECHONL, ICANON, ICRNL, IEXTEN, IGNCR, INLCR, ISIG, ISTRIP, IXON, NOFLSH, VEOF, VEOL, VEOL2, VERASE, VINTR, VKILL, VLNEXT, VQUIT,
  VREPRINT, VSTART, VSTOP, VSUSP, VWERASE,
} from "../../linux/terminal";
import { eraseCharacter, eraseWord, killLine, reprintLine } from "./edit";
import { END_OF_FILE, NEWLINE, addByte, editedBytes, endLine, flushInput, inputRoom, lineReady } from "./line";
import { echo, pushOut, put } from "./output";
import { Terminal, hasLocal, isCharacter } from "./terminal";

const RETURN: u32 = 0x0d;
const BELL: u32 = 0x07;
const BACKSPACE: u32 = 0x08;
const CARET: u32 = 0x5e;

/**
 * Whether a byte may be taken from the line. When not, it stays in the UART and its sender waits. A line that fills the whole ring is no
 * reason to wait, as nobody could ever read it: what follows is refused with a bell, but for the end of the line.
 */
function acceptsInput(terminal: Terminal): bool {
  if (inputRoom(terminal) > 1) return true;
  return hasLocal(terminal, ICANON) && !lineReady(terminal);
}

/** Takes what the UART holds while the terminal has room; what stays there holds its sender back. */
export function receiveAll(terminal: Terminal): void {
  while (acceptsInput(terminal)) {
    const byte = receiveByte();
    if (byte < 0) {
      setReceiving(true);
      return;
    }
    typeByte(terminal, <u32>byte);
  }
  setReceiving(false);
}

/** After room was made: takes up again what receiveAll has left in the UART. */
export function resumeReceiving(terminal: Terminal): void {
  if (!isReceiving()) receiveAll(terminal);
}

/** Takes one byte as typed. */
function typeByte(terminal: Terminal, received: u32): void {
  let byte = received;
  if ((terminal.settings.input & ISTRIP) != 0) byte &= 0x7f;
  if (terminal.literal != 0) {
    terminal.literal = 0;
    addTyped(terminal, byte);
  } else if (!controlsFlow(terminal, byte) && !raisesSignal(terminal, byte)) typeCharacter(terminal, byte);
  pushOut(terminal);
}

/** ^S and ^Q. */
function controlsFlow(terminal: Terminal, byte: u32): bool {
  if ((terminal.settings.input & IXON) == 0) return false;
  const stop = isCharacter(terminal, byte, VSTOP);
  if (!stop && !isCharacter(terminal, byte, VSTART)) return false;
  terminal.stopped = <u32>stop;
  return true;
}

/** ^C, ^\ and ^Z: to the foreground group; what was typed and not read is void, and output goes on. */
function raisesSignal(terminal: Terminal, byte: u32): bool {
  if (!hasLocal(terminal, ISIG)) return false;
  let signal: u32 = 0;
  if (isCharacter(terminal, byte, VINTR)) signal = SIGINT;
  else if (isCharacter(terminal, byte, VQUIT)) signal = SIGQUIT;
  else if (isCharacter(terminal, byte, VSUSP)) signal = SIGTSTP;
  if (signal == 0) return false;
  terminal.stopped = 0;
  if (!hasLocal(terminal, NOFLSH)) flushInput(terminal);
  if (hasLocal(terminal, ECHO)) echo(terminal, byte);
  if (terminal.foreground != 0) signalGroup(terminal.foreground, signal);
  return true;
}

function typeCharacter(terminal: Terminal, typed: u32): void {
  const flags = terminal.settings.input;
  let byte = typed;
  if (byte == RETURN) {
    if ((flags & IGNCR) != 0) return;
    if ((flags & ICRNL) != 0) byte = NEWLINE;
  } else if (byte == NEWLINE && (flags & INLCR) != 0) byte = RETURN;
  if (!hasLocal(terminal, ICANON)) addTyped(terminal, byte);
  else if (!edits(terminal, byte) && !ends(terminal, byte)) addTyped(terminal, byte);
}

/** A character that changes the line being typed. */
function edits(terminal: Terminal, byte: u32): bool {
  const extended = hasLocal(terminal, IEXTEN);
  if (isCharacter(terminal, byte, VERASE)) eraseCharacter(terminal);
  else if (isCharacter(terminal, byte, VKILL)) killLine(terminal);
  else if (extended && isCharacter(terminal, byte, VWERASE)) eraseWord(terminal);
  else if (extended && isCharacter(terminal, byte, VREPRINT)) reprintLine(terminal);
  else if (extended && isCharacter(terminal, byte, VLNEXT)) beginLiteral(terminal);
  else return false;
  return true;
}

function beginLiteral(terminal: Terminal): void {
  terminal.literal = 1;
  if (!hasLocal(terminal, ECHO)) return;
  put(terminal, CARET);
  put(terminal, BACKSPACE);
}

/** A character that ends the line being typed: one byte of room is always left for it. */
function ends(terminal: Terminal, byte: u32): bool {
  if (isCharacter(terminal, byte, VEOF)) {
    endLine(terminal, END_OF_FILE);
  } else if (byte == NEWLINE) {
    if (hasLocal(terminal, ECHO | ECHONL)) put(terminal, NEWLINE);
    endLine(terminal, NEWLINE);
  } else if (isCharacter(terminal, byte, VEOL) || isCharacter(terminal, byte, VEOL2)) {
    if (hasLocal(terminal, ECHO)) echo(terminal, byte);
    endLine(terminal, byte);
  } else return false;
  wakeAll(terminal.readers);
  return true;
}

function addTyped(terminal: Terminal, byte: u32): void {
  if (inputRoom(terminal) <= 1) {
    put(terminal, BELL);
    return;
  }
  if (editedBytes(terminal) == 0) terminal.lineColumn = terminal.column;
  addByte(terminal, byte);
  if (hasLocal(terminal, ECHO)) echo(terminal, byte);
  if (!hasLocal(terminal, ICANON)) wakeAll(terminal.readers);
}
