/** The load average: runnable tasks, averaged over 1, 5 and 15 minutes by a sample every five seconds (Linux: kernel/sched/loadavg.c). */
import { volatileLoad32, volatileStore32 } from "@mercury/toolchain/metal";
import { idleTask } from "./queue";
import { TASK_RUNNING, firstTask } from "./task";

/** Seconds between two samples. */
export const LOAD_INTERVAL: u32 = 5;
/** Averages are fixed-point numbers with eleven bits behind the point. */
export const LOAD_SHIFT: u32 = 11;
const ONE: u32 = 2048;

/** What remains of an average after five seconds: 2048 / exp(5/60), exp(5/300), exp(5/900). */
const remains: usize = memory.data<u32>([1884, 2014, 2037]);
const averages: usize = memory.data(12, 4);
export const LOAD_AVERAGES: u32 = 3;

/** Takes a sample; interrupts are off. */
export function sampleLoad(): void {
  const running = runningTasks() * ONE;
  for (let index: u32 = 0; index < LOAD_AVERAGES; index++) {
    const cell = averages + (index << 2);
    const part = load<u32>(remains + (index << 2));
    volatileStore32(cell, (volatileLoad32(cell) * part + running * (ONE - part)) >> LOAD_SHIFT);
  }
}

/** The average over 1 (index 0), 5 or 15 minutes, LOAD_SHIFT bits behind the point. */
export function loadAverage(index: u32): u32 {
  return volatileLoad32(averages + (index << 2));
}

/** Tasks that run or are ready to, the idle one aside. */
export function runningTasks(): u32 {
  let count: u32 = 0;
  let task = firstTask();
  while (task !== null) {
    if (task.state == TASK_RUNNING && task !== idleTask()) count++;
    task = task.nextTask;
  }
  return count;
}
