/** Bytes to the terminal's line: output processing, columns, echo. Interrupts are off. */
import { drainConsoleLine, queueByte, queueRoom, startTransmit } from "../dev/serial";
import { ECHOCTL, OCRNL, ONLCR, OPOST } from "../../linux/terminal";
import { Terminal, hasLocal } from "./terminal";

const BACKSPACE: u32 = 0x08;
const TAB: u32 = 0x09;
const NEWLINE: u32 = 0x0a;
const RETURN: u32 = 0x0d;
const DELETE: u32 = 0x7f;
const CARET: u32 = 0x5e;

/** Room that programs' output leaves in the transmit ring, for echo, which cannot wait. */
const ECHO_RESERVE: u32 = 256;
/** Bytes that one byte may become. */
const LONGEST: u32 = 2;

/** Whether a program's byte may go into the ring now. */
export function outputRoom(terminal: Terminal): bool {
  return queueRoom() >= ECHO_RESERVE + LONGEST;
}

/** Puts a byte into the ring. Only echo can find it full: it then waits for the line itself, as nothing typed may be lost. */
function emit(byte: u32): void {
  if (queueRoom() == 0) drainConsoleLine();
  queueByte(<u8>byte);
}

function follow(terminal: Terminal, byte: u32): void {
  if (byte == RETURN) terminal.column = 0;
  else if (byte == TAB) terminal.column = (terminal.column | 7) + 1;
  else if (byte == BACKSPACE) terminal.column -= terminal.column == 0 ? 0 : 1;
  // Neither control characters nor the later bytes of a UTF-8 sequence move the cursor.
  else if (byte >= 0x20 && byte != DELETE && (byte & 0xc0) != 0x80) terminal.column++;
}

/** Sends one byte of output, as the output flags say. */
export function put(terminal: Terminal, byte: u32): void {
  const output = terminal.settings.output;
  if ((output & OPOST) != 0) {
    if (byte == NEWLINE && (output & ONLCR) != 0) {
      emit(RETURN);
      terminal.column = 0;
    } else if (byte == RETURN && (output & OCRNL) != 0) byte = NEWLINE;
  }
  follow(terminal, byte);
  emit(byte);
}

/** Sends what has been put. */
export function pushOut(terminal: Terminal): void {
  if (terminal.stopped == 0) startTransmit();
}

/** Whether echo shows a byte as a caret and a letter. */
export function showsCaret(terminal: Terminal, byte: u32): bool {
  return hasLocal(terminal, ECHOCTL) && (byte < 0x20 || byte == DELETE) && byte != TAB;
}

/** Shows a typed byte. */
export function echo(terminal: Terminal, byte: u32): void {
  if (!showsCaret(terminal, byte)) {
    put(terminal, byte);
    return;
  }
  put(terminal, CARET);
  put(terminal, byte ^ 0x40);
}

/** Takes the cursor back over `columns` columns, blanking them. */
export function rubOut(terminal: Terminal, columns: u32): void {
  for (let column: u32 = 0; column < columns; column++) {
    put(terminal, BACKSPACE);
    put(terminal, 0x20);
    put(terminal, BACKSPACE);
  }
}

/** Takes the cursor back without blanking: over a tab there is nothing to blank. */
export function stepBack(terminal: Terminal, columns: u32): void {
  for (let column: u32 = 0; column < columns; column++) put(terminal, BACKSPACE);
}
