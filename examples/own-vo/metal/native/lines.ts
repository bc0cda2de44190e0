import { LINE_CASCADE, VECTOR_IRQ_BASE } from "@mercury/abi/metal";
import { lineMasks, out8, setLineMasks } from "../machine";

// The two 8259A of a PC/AT: a command port, and a data port behind it. Words as in the 8259A data sheet.
const FIRST: u32 = 0x20;
const SECOND: u32 = 0xa0;
/** ICW1: edge triggered, cascaded, ICW4 follows. ICW4: 8086 mode. */
const ICW1: u32 = 0x11;
const ICW4: u32 = 0x01;
/** OCW2: end of the interrupt of one level. */
const SPECIFIC_END: u32 = 0x60;

function initialize(command: u32, vector: u32, cascade: u32): void {
  out8(command, ICW1);
  out8(command + 1, vector);
  out8(command + 1, cascade);
  out8(command + 1, ICW4);
}

function writeMasks(masks: u32): void {
  setLineMasks(masks);
  out8(FIRST + 1, masks & 0xff);
  out8(SECOND + 1, masks >> 8);
}

export function nativeInitializeLines(): void {
  initialize(FIRST, VECTOR_IRQ_BASE, 1 << LINE_CASCADE);
  initialize(SECOND, VECTOR_IRQ_BASE + 8, LINE_CASCADE);
  writeMasks(0xffff & ~(1 << LINE_CASCADE));
}

export function nativeMaskLine(line: u32): void {
  writeMasks(lineMasks() | (1 << line));
}

export function nativeUnmaskLine(line: u32): void {
  writeMasks(lineMasks() & ~(1 << line));
}

export function nativeAcknowledgeLine(line: u32): void {
  if (line >= 8) out8(SECOND, SPECIFIC_END | (line - 8));
  out8(FIRST, SPECIFIC_END | (line >= 8 ? LINE_CASCADE : line));
}
