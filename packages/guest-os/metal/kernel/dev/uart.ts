import { in8, out8 } from "mercury:vo";
import {
  DATA,
  DIVISOR_LATCH,
  FIFO_CONTROL,
  FIFO_SETUP,
  FIFO_SIZE,
  FRAME_8N1,
  INTERRUPT_ENABLE,
  LINE_CONTROL,
  LINE_STATUS,
  MODEM_CONTROL,
  MODEM_READY,
  SCRATCH,
  TRANSMIT_EMPTY,
} from "./uart-registers";

/** Divisor of the 1.8432 MHz clock: 115,200 baud. */
const DIVISOR: u32 = 1;

/** Whether a UART answers at `port`: its scratch register keeps what is written, an empty bus reads as ones. */
export function uartPresent(port: u32): bool {
  out8(port + SCRATCH, 0x5a);
  if (in8(port + SCRATCH) != 0x5a) return false;
  out8(port + SCRATCH, 0xa5);
  return in8(port + SCRATCH) == 0xa5;
}

/** 115,200 baud, 8N1, FIFOs on and empty, interrupts off. */
export function resetUart(port: u32): void {
  out8(port + INTERRUPT_ENABLE, 0);
  out8(port + LINE_CONTROL, DIVISOR_LATCH | FRAME_8N1);
  out8(port + DATA, DIVISOR & 0xff);
  out8(port + INTERRUPT_ENABLE, DIVISOR >> 8);
  out8(port + LINE_CONTROL, FRAME_8N1);
  out8(port + FIFO_CONTROL, FIFO_SETUP);
  out8(port + MODEM_CONTROL, MODEM_READY);
}

/** Whether the transmit FIFO is empty, so that FIFO_SIZE bytes may follow. A missing UART reads as ones: always ready. */
// @ts-ignore: decorator
@inline
export function transmitReady(port: u32): bool {
  return (in8(port + LINE_STATUS) & TRANSMIT_EMPTY) != 0;
}

/** Sends bytes, waiting for the line; a FIFO's worth after each wait, as every port access may be a hypercall. */
export function sendPolled(port: u32, from: usize, bytes: u32): void {
  let sent: u32 = 0;
  while (sent < bytes) {
    while (!transmitReady(port)) {}
    const end = min(bytes, sent + FIFO_SIZE);
    for (; sent < end; sent++) out8(port + DATA, load<u8>(from + sent));
  }
}
