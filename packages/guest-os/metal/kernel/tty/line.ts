/**
 * What was typed and not read yet: a ring in which a mark says that a line ends with this byte. Up to `complete` the bytes are readable in
 * canonical mode; from there to `typed` lies the line that is still being edited. An end of file is a marked NUL.
 */
import { INPUT_SIZE, Terminal } from "./terminal";

export const NEWLINE: u32 = 0x0a;
/** What stands for an end of file in the ring, marked. */
export const END_OF_FILE: u32 = 0;

// @ts-ignore: decorator
@inline export function indexOf(count: u32): u32 {
  return count & (INPUT_SIZE - 1);
}

/** Bytes that were typed and not read. */
// @ts-ignore: decorator
@inline export function typedBytes(terminal: Terminal): u32 {
  return terminal.typed - terminal.taken;
}

/** Bytes that still fit. */
// @ts-ignore: decorator
@inline export function inputRoom(terminal: Terminal): u32 {
  return INPUT_SIZE - typedBytes(terminal);
}

/** Whether a whole line, or an end of file, can be read. */
// @ts-ignore: decorator
@inline export function lineReady(terminal: Terminal): bool {
  return terminal.complete != terminal.taken;
}

/** Bytes of the line being edited. */
// @ts-ignore: decorator
@inline export function editedBytes(terminal: Terminal): u32 {
  return terminal.typed - terminal.complete;
}

/** The byte at a count. */
// @ts-ignore: decorator
@inline export function typedByte(terminal: Terminal, count: u32): u32 {
  return load<u8>(terminal.ring + indexOf(count));
}

function isMarked(terminal: Terminal, count: u32): bool {
  const index = indexOf(count);
  return (load<u8>(terminal.marks + (index >> 3)) & (1 << (index & 7))) != 0;
}

function setMark(terminal: Terminal, count: u32, on: bool): void {
  const index = indexOf(count);
  const at = terminal.marks + (index >> 3);
  const bit: u32 = 1 << (index & 7);
  const others = load<u8>(at) & ~bit;
  store<u8>(at, <u8>(on ? others | bit : others));
}

/** Adds a byte, for which there is room, to the line being edited. */
export function addByte(terminal: Terminal, byte: u32): void {
  store<u8>(terminal.ring + indexOf(terminal.typed), <u8>byte);
  setMark(terminal, terminal.typed, false);
  terminal.typed++;
}

/** Adds the byte that ends the line, which becomes readable. */
export function endLine(terminal: Terminal, byte: u32): void {
  addByte(terminal, byte);
  setMark(terminal, terminal.typed - 1, true);
  terminal.complete = terminal.typed;
}

/** Takes the last byte of the edited line away, which has one, and gives it. */
export function dropByte(terminal: Terminal): u32 {
  terminal.typed--;
  return typedByte(terminal, terminal.typed);
}

/** Forgets everything that was typed and not read. */
export function flushInput(terminal: Terminal): void {
  terminal.taken = terminal.complete = terminal.typed;
  terminal.literal = 0;
}

/** What was typed before canonical mode came on is read as one line; raw mode knows no lines. */
export function canonicalChanged(terminal: Terminal, canonical: bool): void {
  memory.fill(terminal.marks, 0, INPUT_SIZE >> 3);
  terminal.complete = terminal.taken;
  if (!canonical || typedBytes(terminal) == 0) return;
  setMark(terminal, terminal.typed - 1, true);
  terminal.complete = terminal.typed;
}

/** Moves up to `count` bytes of the first line to `to`: how many; 0 is an end of file. An end of file after them goes along. */
export function takeLine(terminal: Terminal, to: usize, count: u32): u32 {
  let done: u32 = 0;
  while (done < count && lineReady(terminal)) {
    const at = terminal.taken++;
    const ends = isMarked(terminal, at);
    const byte = typedByte(terminal, at);
    if (ends && byte == END_OF_FILE) return done;
    store<u8>(to + done, <u8>byte);
    done++;
    if (ends) return done;
  }
  if (done != 0 && lineReady(terminal) && isMarked(terminal, terminal.taken) && typedByte(terminal, terminal.taken) == END_OF_FILE) terminal.taken++;
  return done;
}

/** Moves up to `count` bytes to `to`, whatever they are: raw mode. */
export function takeBytesRaw(terminal: Terminal, to: usize, count: u32): u32 {
  const bytes = min(count, typedBytes(terminal));
  for (let done: u32 = 0; done < bytes; done++) store<u8>(to + done, <u8>typedByte(terminal, terminal.taken + done));
  terminal.taken += bytes;
  terminal.complete = terminal.taken;
  return bytes;
}
