import {
  HYPERCALL_ACKNOWLEDGE_LINE, HYPERCALL_IDLE, HYPERCALL_MASK_LINE, HYPERCALL_UNMASK_LINE, HYPERCALL_WRITE_PORT, SHARED_PAGE, SharedPage, VECTOR_IRQ_BASE,
} from "@mercury/abi/metal";
import { hypercall } from "@mercury/toolchain/metal";

const TIMER: u32 = 0;
const LINES: u32 = 16;
// 8254: channel 0, low byte then high, rate generator; a tick in about a millisecond.
const PIT_COMMAND: u32 = 0x43;
const PIT_CHANNEL0: u32 = 0x40;
const RATE_GENERATOR: u32 = 0x34;
const DIVISOR: u32 = 1193;

/** Ticks of the timer that have arrived. */
let ticks: u32 = 0;

export function startTimer(): void {
  hypercall(HYPERCALL_WRITE_PORT, PIT_COMMAND, 8, RATE_GENERATOR);
  hypercall(HYPERCALL_WRITE_PORT, PIT_CHANNEL0, 8, DIVISOR & 0xff);
  hypercall(HYPERCALL_WRITE_PORT, PIT_CHANNEL0, 8, DIVISOR >> 8);
}

/** A line's event: counted, masked and acknowledged, so that the calls before and after it decide when the next comes. False for other vectors. */
export function takeEvent(vector: u32): bool {
  const line = vector - VECTOR_IRQ_BASE;
  if (line >= LINES) return false;
  if (line == TIMER) ticks++;
  hypercall(HYPERCALL_MASK_LINE, line, 0, 0);
  hypercall(HYPERCALL_ACKNOWLEDGE_LINE, line, 0, 0);
  return true;
}

/** Sleeps until the timer's next tick, and whether that came. */
export function idleOnce(): bool {
  const before = ticks;
  hypercall(HYPERCALL_ACKNOWLEDGE_LINE, TIMER, 0, 0);
  hypercall(HYPERCALL_UNMASK_LINE, TIMER, 0, 0);
  while (ticks == before) hypercall(HYPERCALL_IDLE, 0, 0, 0);
  changetype<SharedPage>(SHARED_PAGE).virtualInterruptFlag = 0;
  return ticks != before;
}
