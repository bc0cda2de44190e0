/**
 * Messages of the kernel on the console line. Usable from the first instruction after `initializePrint`, with interrupts on or off, in
 * handlers and in a panic: bytes go out by polling, after those that programs have queued before.
 */
import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { finishTransmit, openConsoleLine, sendConsolePolled } from "./serial";
import { FIFO_SIZE } from "./uart-registers";

const NEWLINE: u8 = 0x0a;
const RETURN: u8 = 0x0d;

/** Bytes of a message on their way; small, as it lies in the FIFO at once. */
const pending: usize = memory.data(16);

/** Makes the console line ready for output. */
export function initializePrint(): void {
  openConsoleLine();
}

/** Prints `bytes` bytes; a newline becomes carriage return and newline. */
export function printBytes(from: usize, bytes: u32): void {
  const flags = saveFlags();
  disableInterrupts();
  let held: u32 = 0;
  for (let index: u32 = 0; index < bytes; index++) {
    const byte = load<u8>(from + index);
    if (byte == NEWLINE) store<u8>(pending + held++, RETURN);
    store<u8>(pending + held++, byte);
    if (held < FIFO_SIZE - 1) continue;
    sendConsolePolled(pending, held);
    held = 0;
  }
  sendConsolePolled(pending, held);
  restoreFlags(flags);
}

/** Prints a NUL-terminated text. */
export function print(text: usize): void {
  let bytes: u32 = 0;
  while (load<u8>(text + bytes) != 0) bytes++;
  printBytes(text, bytes);
}

/** Digits of a number, most significant first, in `room`, which ends at `end`; the first digit's address. */
function digits(value: u32, base: u32, end: usize): usize {
  let at = end;
  do {
    const digit = value % base;
    store<u8>(--at, <u8>(digit < 10 ? 0x30 + digit : 0x61 + digit - 10));
    value /= base;
  } while (value != 0);
  return at;
}

const number: usize = memory.data(12);

/** Prints a number in decimal. */
export function printDecimal(value: u32): void {
  const flags = saveFlags();
  disableInterrupts();
  const first = digits(value, 10, number + 12);
  printBytes(first, <u32>(number + 12 - first));
  restoreFlags(flags);
}

/** Prints a number as eight hexadecimal digits. */
export function printHex(value: u32): void {
  const flags = saveFlags();
  disableInterrupts();
  memory.fill(number, 0x30, 12);
  digits(value, 16, number + 12);
  printBytes(number + 4, 8);
  restoreFlags(flags);
}

/** Waits until everything has left the line: before the machine stops. */
export function drainConsole(): void {
  finishTransmit();
}
