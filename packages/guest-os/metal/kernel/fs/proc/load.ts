/** The load average: runnable tasks, averaged over 1, 5 and 15 minutes by samples every five seconds (Linux: kernel/sched/loadavg.c). */
import { volatileLoad32, volatileStore32 } from "@mercury/toolchain/metal";
import { TICKS_PER_SECOND } from "../../sched/tick";
import { runningTasks } from "./system";
import { putByte, putDecimal, putPadded } from "./text";

/** Averages are fixed-point numbers with eleven bits behind the point. */
const ONE: u32 = 2048;
const SHIFT: u32 = 11;
const SAMPLE_TICKS: u32 = 5 * TICKS_PER_SECOND;

/** What remains of an average after five seconds: 2048 / exp(5/60), exp(5/300), exp(5/900). */
const remains: usize = memory.data<u32>([1884, 2014, 2037]);
const averages: usize = memory.data(12, 4);
const AVERAGES: u32 = 3;

/** Takes a sample when one is due: called once a tick, interrupts off. */
export function sampleLoad(ticks: u32): void {
  if (ticks % SAMPLE_TICKS != 0) return;
  const running = runningTasks() * ONE;
  for (let index: u32 = 0; index < AVERAGES; index++) {
    const cell = averages + (index << 2);
    const part = load<u32>(remains + (index << 2));
    volatileStore32(cell, (volatileLoad32(cell) * part + running * (ONE - part)) >> SHIFT);
  }
}

/** The three averages with two decimals, as /proc/loadavg has them. */
export function putLoad(): void {
  for (let index: u32 = 0; index < AVERAGES; index++) {
    // Half a hundredth more, so that cutting off rounds.
    const value = volatileLoad32(averages + (index << 2)) + ONE / 200;
    if (index != 0) putByte(0x20);
    putDecimal(value >> SHIFT);
    putByte(0x2e);
    putPadded(((value & (ONE - 1)) * 100) >> SHIFT, 2);
  }
}
