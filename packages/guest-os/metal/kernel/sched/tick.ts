import { acknowledgeLine, disableInterrupts, enableInterrupts, out8, unmaskLine } from "mercury:vo";
import { LINE_TIMER } from "@mercury/abi/metal";
import { Shared } from "@mercury/toolchain/metal";
import { TrapFrame, fromUser } from "../trap/frame";
import { interruptDepth } from "../trap/interrupts";
import { LOAD_INTERVAL, sampleLoad } from "./load";
import { TICKS_PER_SECOND } from "./rate";
import { idleTask, requestReschedule } from "./queue";
import { lingerForStorm } from "./storm";
import { current } from "./task";
import { expireTimers } from "./timer";

/** The periodic tick: 8254 channel 0 in mode 2 on line 0. */

/** Input clock of the 8254 in a PC, hertz. */
export const PIT_HERTZ: u64 = 1_193_182;
export const PIT_CHANNEL0: u32 = 0x40;
export const PIT_COMMAND: u32 = 0x43;
const RATE_GENERATOR: u32 = 0x34;

/** Ticks that a task runs before the next one of the queue gets its turn. */
export const SLICE_TICKS: i32 = 4;

const ticks: Shared<u32> = changetype<Shared<u32>>(memory.data(4, 4));

/** Starts the tick; interrupts are off and the lines are initialised. */
export function startTicks(): void {
  const divisor = <u32>(PIT_HERTZ / TICKS_PER_SECOND);
  out8(PIT_COMMAND, RATE_GENERATOR);
  out8(PIT_CHANNEL0, divisor & 0xff);
  out8(PIT_CHANNEL0, divisor >> 8);
  unmaskLine(LINE_TIMER);
}

/** Timer interrupts since boot. */
export function tickCount(): u32 {
  return ticks.value;
}

/** Handler of line 0. Other interrupts are taken while timers are looked after, unless this one has interrupted a handler itself. */
export function timerInterrupt(frame: TrapFrame): void {
  acknowledgeLine(LINE_TIMER);
  ticks.value = ticks.value + 1;
  if (ticks.value % (LOAD_INTERVAL * TICKS_PER_SECOND) == 0) sampleLoad();
  const task = current();
  if (fromUser(frame)) task.userTicks++;
  else task.systemTicks++;
  if (--task.slice <= 0 && task !== idleTask()) requestReschedule();
  if (interruptDepth() > 1) return;
  enableInterrupts();
  lingerForStorm();
  expireTimers();
  disableInterrupts();
}
