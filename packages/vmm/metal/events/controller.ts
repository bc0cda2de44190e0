import { LINE_CASCADE, VECTOR_IRQ_BASE } from "@mercury/abi/metal";
import { in8, out8 } from "@mercury/toolchain/metal";

// The two 8259A (IBM PC/AT); words as in the 8259A data sheet.
const FIRST_COMMAND: u32 = 0x20;
const FIRST_DATA: u32 = 0x21;
const SECOND_COMMAND: u32 = 0xa0;
const SECOND_DATA: u32 = 0xa1;
const ICW1: u32 = 0x11;
const ICW4: u32 = 0x01;
/** OCW2: specific end of interrupt. */
const SPECIFIC_END: u32 = 0x60;
/** OCW3: the next read of the command port gives the in-service register. */
const READ_IN_SERVICE: u32 = 0x0b;
/** Level 7 of either controller: what a request that vanished is reported as. */
const SPURIOUS_LEVEL: u32 = 7;

/** Always-on: the VMM is the first to program the controllers. All lines masked but the cascade. */
export function initializeControllers(): void {
  out8(FIRST_COMMAND, ICW1);
  out8(FIRST_DATA, VECTOR_IRQ_BASE);
  out8(FIRST_DATA, 1 << LINE_CASCADE);
  out8(FIRST_DATA, ICW4);
  out8(SECOND_COMMAND, ICW1);
  out8(SECOND_DATA, VECTOR_IRQ_BASE + 8);
  out8(SECOND_DATA, LINE_CASCADE);
  out8(SECOND_DATA, ICW4);
}

/** Writes the mask register of the controller that has the line. */
export function writeMasks(line: u32, masks: u32): void {
  if (line < 8) out8(FIRST_DATA, masks & 0xff);
  else out8(SECOND_DATA, (masks >> 8) & 0xff);
}

/** Bit n: line n is being serviced. */
export function readInService(): u32 {
  out8(FIRST_COMMAND, READ_IN_SERVICE);
  out8(SECOND_COMMAND, READ_IN_SERVICE);
  return in8(FIRST_COMMAND) | (in8(SECOND_COMMAND) << 8);
}

export function endInterrupt(line: u32): void {
  if (line >= 8) {
    out8(SECOND_COMMAND, SPECIFIC_END | (line - 8));
    out8(FIRST_COMMAND, SPECIFIC_END | LINE_CASCADE);
  } else {
    out8(FIRST_COMMAND, SPECIFIC_END | line);
  }
}

/** A request that was gone when the processor asked: no bit in service, and only the first controller's part, if any, to be ended. */
export function dismissSpurious(line: u32): bool {
  if ((line & 7) != SPURIOUS_LEVEL || ((readInService() >> line) & 1) != 0) return false;
  if (line >= 8) out8(FIRST_COMMAND, SPECIFIC_END | LINE_CASCADE);
  return true;
}
