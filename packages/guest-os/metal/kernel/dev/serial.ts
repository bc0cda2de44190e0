/**
 * The console line, COM1: a transmit ring that the UART's interrupt empties, and its receiver. Every function here is called with
 * interrupts off. What arrives while the receiver is off stays in the UART, which holds its sender back; nothing is dropped here.
 */
import { in8, out8 } from "mercury:vo";
import { volatileLoad32, volatileStore32 } from "@mercury/toolchain/metal";
import { resetUart, sendPolled, transmitReady } from "./uart";
import {
  COM1,
  DATA,
  DATA_READY,
  EMPTY_BUS,
  ENABLE_RECEIVE,
  ENABLE_TRANSMIT,
  FIFO_SIZE,
  INTERRUPT_ENABLE,
  INTERRUPT_ID,
  LINE_STATUS,
  MODEM_CONTROL,
  MODEM_LOOP,
  NOTHING_PENDING,
  TRANSMITTER_IDLE,
} from "./uart-registers";

/** Bytes of the transmit ring, a power of two. */
const RING_SIZE: u32 = 4096;
const ring: usize = memory.data(4096, 16);

/** Free-running counts of bytes taken from and put into the ring, and what the UART's interrupt enable register holds. */
const state: usize = memory.data(12, 4);
const TAKEN: usize = state;
const PUT: usize = state + 4;
const ENABLED: usize = state + 8;

/** Bytes that arrived before the FIFOs were on: switching them on clears what waits (PC16550D 8.4, FCR0). */
const EARLY_SIZE: u32 = 4096;
const early: usize = memory.data(4096);
const earlyState: usize = memory.data(8, 4);
const EARLY_TAKEN: usize = earlyState;
const EARLY_PUT: usize = earlyState + 4;

/** Makes the line ready for output, interrupts off, and keeps what was sent to it before. */
export function openConsoleLine(): void {
  let kept: u32 = 0;
  // In loop-back mode the receiver hears nothing from outside (PC16550D 8.7, MCR4): no byte arrives between the last look and the clearing.
  // Emulated lines that pay no attention to it hand over all that waits here.
  out8(COM1 + MODEM_CONTROL, MODEM_LOOP);
  while (kept < EARLY_SIZE && dataReady()) store<u8>(early + kept++, <u8>in8(COM1 + DATA));
  resetUart(COM1);
  volatileStore32(EARLY_TAKEN, 0);
  volatileStore32(EARLY_PUT, kept);
}

/** An empty bus reads as ones, break and errors included: a byte that waits comes without any. */
function dataReady(): bool {
  const status = in8(COM1 + LINE_STATUS);
  return status != EMPTY_BUS && (status & DATA_READY) != 0;
}

function enable(bits: u32): void {
  if (volatileLoad32(ENABLED) == bits) return;
  volatileStore32(ENABLED, bits);
  out8(COM1 + INTERRUPT_ENABLE, bits);
}

/** Bytes that wait in the ring. */
export function queuedBytes(): u32 {
  return volatileLoad32(PUT) - volatileLoad32(TAKEN);
}

/** Bytes that still fit into the ring. */
export function queueRoom(): u32 {
  return RING_SIZE - queuedBytes();
}

/** Puts a byte into the ring, which must have room. */
export function queueByte(byte: u8): void {
  const put = volatileLoad32(PUT);
  store<u8>(ring + (put & (RING_SIZE - 1)), byte);
  volatileStore32(PUT, put + 1);
}

/** Moves up to one FIFO's worth from the ring to the UART, which must be ready. */
function fillFifo(): void {
  let taken = volatileLoad32(TAKEN);
  const end = taken + min(queuedBytes(), FIFO_SIZE);
  for (; taken != end; taken++) out8(COM1 + DATA, load<u8>(ring + (taken & (RING_SIZE - 1))));
  volatileStore32(TAKEN, taken);
}

/** Sends what the UART takes now; its interrupt asks for the rest. */
export function startTransmit(): void {
  if (queuedBytes() != 0 && transmitReady(COM1)) fillFifo();
  const rest = queuedBytes() != 0 ? ENABLE_TRANSMIT : 0;
  enable((volatileLoad32(ENABLED) & ENABLE_RECEIVE) | rest);
}

/** Empties the ring by polling. */
export function drainConsoleLine(): void {
  while (queuedBytes() != 0) {
    while (!transmitReady(COM1)) {}
    fillFifo();
  }
}

/** Lets the receiver interrupt, or leaves what arrives in the UART. */
export function setReceiving(on: bool): void {
  enable((volatileLoad32(ENABLED) & ENABLE_TRANSMIT) | (on ? ENABLE_RECEIVE : 0));
}

/** Whether the receiver interrupts. */
export function isReceiving(): bool {
  return (volatileLoad32(ENABLED) & ENABLE_RECEIVE) != 0;
}

/** The next received byte, or -1. */
export function receiveByte(): i32 {
  const taken = volatileLoad32(EARLY_TAKEN);
  if (taken != volatileLoad32(EARLY_PUT)) {
    volatileStore32(EARLY_TAKEN, taken + 1);
    return <i32>load<u8>(early + taken);
  }
  if (!dataReady()) return -1;
  return <i32>in8(COM1 + DATA);
}

/** Whether the UART still asks for an interrupt. The line is edge-triggered: a handler must go on until this is false, or no edge follows. */
export function interruptPending(): bool {
  return (in8(COM1 + INTERRUPT_ID) & NOTHING_PENDING) == 0;
}

/** Sends bytes past the ring, for messages of the kernel: what is queued goes first. */
export function sendConsolePolled(from: usize, bytes: u32): void {
  drainConsoleLine();
  sendPolled(COM1, from, bytes);
}

/** Waits until the last bit has left the line: before the machine is switched off. */
export function finishTransmit(): void {
  drainConsoleLine();
  while ((in8(COM1 + LINE_STATUS) & TRANSMITTER_IDLE) == 0) {}
}

/** Forgets what waits in the ring. */
export function discardQueued(): void {
  volatileStore32(TAKEN, volatileLoad32(PUT));
}
