import { LINE_CASCADE, VECTOR_IRQ_BASE } from "@mercury/abi/metal";
import { out8 } from "@mercury/toolchain/metal";
import { INITIAL_MASKS, lineMasks, setLineMasks } from "../lines";

// Ports of the two 8259A (IBM PC/AT); words as in the 8259A data sheet, "Programming the 8259A".
const FIRST_COMMAND: u32 = 0x20;
const FIRST_DATA: u32 = 0x21;
const SECOND_COMMAND: u32 = 0xa0;
const SECOND_DATA: u32 = 0xa1;
/** ICW1: edge triggered, cascaded, ICW4 follows. */
const ICW1: u32 = 0x11;
/** ICW4: 8086 mode, normal end of interrupt. */
const ICW4: u32 = 0x01;
/** OCW2: specific end of interrupt, level in the low three bits. */
const SPECIFIC_END: u32 = 0x60;

export function native_initializeLines(): void {
  out8(FIRST_COMMAND, ICW1);
  out8(FIRST_DATA, VECTOR_IRQ_BASE);
  out8(FIRST_DATA, 1 << LINE_CASCADE);
  out8(FIRST_DATA, ICW4);
  out8(SECOND_COMMAND, ICW1);
  out8(SECOND_DATA, VECTOR_IRQ_BASE + 8);
  out8(SECOND_DATA, LINE_CASCADE);
  out8(SECOND_DATA, ICW4);
  setLineMasks(INITIAL_MASKS);
  out8(FIRST_DATA, INITIAL_MASKS & 0xff);
  out8(SECOND_DATA, INITIAL_MASKS >> 8);
}

/** Writes the mask register of the controller that has the line. */
function applyMasks(line: u32, masks: u32): void {
  setLineMasks(masks);
  if (line < 8) out8(FIRST_DATA, masks & 0xff);
  else out8(SECOND_DATA, masks >> 8);
}

export function native_maskLine(line: u32): void {
  applyMasks(line, lineMasks() | (1 << line));
}

export function native_unmaskLine(line: u32): void {
  applyMasks(line, lineMasks() & ~(1 << line));
}

export function native_acknowledgeLine(line: u32): void {
  if (line >= 8) {
    out8(SECOND_COMMAND, SPECIFIC_END | (line - 8));
    out8(FIRST_COMMAND, SPECIFIC_END | LINE_CASCADE);
  } else {
    out8(FIRST_COMMAND, SPECIFIC_END | line);
  }
}
