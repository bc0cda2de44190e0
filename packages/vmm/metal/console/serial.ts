import { in8, out8 } from "@mercury/toolchain/metal";

// COM1, polled: the VMM speaks before the kernel does and after it is gone. 16550 data sheet, "Registers".
const DATA: u32 = 0x3f8;
const LINE_STATUS: u32 = 0x3fd;
const TRANSMITTER_EMPTY: u32 = 0x20;
const ALL_SENT: u32 = 0x40;
/** Polls before a transmitter that never empties is given up. */
const PATIENCE: u32 = 1_000_000;

function waitFor(state: u32): void {
  for (let polls: u32 = 0; polls < PATIENCE; polls++) {
    if ((in8(LINE_STATUS) & state) != 0) return;
  }
}

export function transmit(byte: u32): void {
  waitFor(TRANSMITTER_EMPTY);
  out8(DATA, byte);
}

/** Waits until the last bit has left, before the power goes. */
export function drain(): void {
  waitFor(ALL_SENT);
}
