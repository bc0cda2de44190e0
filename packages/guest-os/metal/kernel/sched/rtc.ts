import { in8, maskLine, out8, unmaskLine } from "mercury:vo";
import { LINE_RTC } from "@mercury/abi/metal";

/** The real-time clock's periodic interrupt (MC146818 data sheet): line 8. Interrupts are off. */

const INDEX: u32 = 0x70;
const DATA: u32 = 0x71;
const STATUS_A: u32 = 0x0a;
const STATUS_B: u32 = 0x0b;
const STATUS_C: u32 = 0x0c;
/** Status B: periodic interrupt. */
const PERIODIC: u32 = 0x40;
/** Status A: rate selection 4 of the 32,768 Hz time base is 4096 Hz; the divider in the bits above stays. */
const RATE_MASK: u32 = 0x0f;
const RATE_4096: u32 = 4;

function read(register: u32): u32 {
  out8(INDEX, register);
  return in8(DATA);
}

function write(register: u32, value: u32): void {
  out8(INDEX, register);
  out8(DATA, value);
}

/** 4096 interrupts a second from now on. */
export function startPeriodic(): void {
  write(STATUS_A, (read(STATUS_A) & ~RATE_MASK) | RATE_4096);
  write(STATUS_B, read(STATUS_B) | PERIODIC);
  readCause();
  unmaskLine(LINE_RTC);
}

export function stopPeriodic(): void {
  maskLine(LINE_RTC);
  write(STATUS_B, read(STATUS_B) & ~PERIODIC);
}

/** The chip raises its line again only after this was read. */
export function readCause(): u32 {
  return read(STATUS_C);
}
