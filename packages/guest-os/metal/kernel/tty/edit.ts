/** Editing of the line being typed, in canonical mode: erase a character, a word, the line; show it again. Interrupts are off. */
import { ECHO, ECHOE, ECHOK, ECHOKE, IUTF8, VERASE, VKILL, VREPRINT } from "../../linux/terminal";
import { NEWLINE, dropByte, editedBytes, typedByte } from "./line";
import { echo, put, rubOut, showsCaret, stepBack } from "./output";
import { Terminal, characterOf, hasLocal } from "./terminal";

const TAB: u32 = 0x09;

/** A later byte of a UTF-8 sequence. */
// @ts-ignore: decorator
@inline export function isContinuation(terminal: Terminal, byte: u32): bool {
  return (terminal.settings.input & IUTF8) != 0 && (byte & 0xc0) == 0x80;
}

/** Column at which the edited line ends on the screen, counting its first `bytes` bytes from where it started. */
function columnAfter(terminal: Terminal, bytes: u32): u32 {
  let column = terminal.lineColumn;
  for (let at: u32 = 0; at < bytes; at++) {
    const byte = typedByte(terminal, terminal.complete + at);
    if (byte == TAB) column = (column | 7) + 1;
    else if (showsCaret(terminal, byte)) column += 2;
    else if (byte >= 0x20 && !isContinuation(terminal, byte)) column++;
  }
  return column;
}

/** Removes the last character, and takes it from the screen. */
function eraseOne(terminal: Terminal): void {
  const end = columnAfter(terminal, editedBytes(terminal));
  let byte = dropByte(terminal);
  while (isContinuation(terminal, byte) && editedBytes(terminal) != 0) byte = dropByte(terminal);
  if (!hasLocal(terminal, ECHO)) return;
  if (!hasLocal(terminal, ECHOE)) {
    echo(terminal, characterOf(terminal, VERASE));
    return;
  }
  const columns = end - columnAfter(terminal, editedBytes(terminal));
  if (byte == TAB) stepBack(terminal, columns);
  else rubOut(terminal, columns);
}

/** VERASE: the last character. */
export function eraseCharacter(terminal: Terminal): void {
  if (editedBytes(terminal) != 0) eraseOne(terminal);
}

function lastByte(terminal: Terminal): u32 {
  return typedByte(terminal, terminal.typed - 1);
}

/** Letters, digits, underscore and everything outside ASCII. */
function isWordByte(byte: u32): bool {
  if (byte >= 0x80 || byte == 0x5f) return true;
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}

/** VWERASE: what is no word, then the word before it. */
export function eraseWord(terminal: Terminal): void {
  while (editedBytes(terminal) != 0 && !isWordByte(lastByte(terminal))) eraseOne(terminal);
  while (editedBytes(terminal) != 0 && isWordByte(lastByte(terminal))) eraseOne(terminal);
}

/** VKILL: the whole line, from the screen too, or by a new line where the terminal cannot erase. */
export function killLine(terminal: Terminal): void {
  const visible = ECHO | ECHOE | ECHOK | ECHOKE;
  if ((terminal.settings.local & visible) == visible) {
    while (editedBytes(terminal) != 0) eraseOne(terminal);
    return;
  }
  terminal.typed = terminal.complete;
  if (!hasLocal(terminal, ECHO)) return;
  echo(terminal, characterOf(terminal, VKILL));
  if (hasLocal(terminal, ECHOK)) put(terminal, NEWLINE);
}

/** VREPRINT: the line once more, on a line of its own. */
export function reprintLine(terminal: Terminal): void {
  if (!hasLocal(terminal, ECHO)) return;
  echo(terminal, characterOf(terminal, VREPRINT));
  put(terminal, NEWLINE);
  terminal.lineColumn = 0;
  const bytes = editedBytes(terminal);
  for (let at: u32 = 0; at < bytes; at++) echo(terminal, typedByte(terminal, terminal.complete + at));
}
