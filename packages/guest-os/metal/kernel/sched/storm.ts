import { acknowledgeLine, disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { EBUSY, EINVAL, LINE_RTC, SHARED_PAGE, SHARED_PAGE_MODE, SHARED_PAGE_REPORT, SWITCH_REPORT_RETRIES } from "@mercury/abi/metal";
import { Shared, pause, volatileLoad32 } from "@mercury/toolchain/metal";
import { TrapFrame, fromUser } from "../trap/frame";
import { interruptDepth, setInterruptHandler } from "../trap/interrupts";
import { switchMode } from "../trap/mode-switch";
import { idleTask } from "./queue";
import { readCause, startPeriodic, stopPeriodic } from "./rtc";
import { current } from "./task";

/**
 * A storm of mode switches: each half of a round trip is made by the handler of the real-time clock, after its end of interrupt, when a
 * pseudo-random number of ticks has passed, wherever that finds the machine. A part of them is aimed at the timer's handler, which then
 * lingers with interrupts on until the tick comes: nested interrupts are too rare to be hit otherwise.
 */

/** Counts of a storm, and what is left of it. */
// @ts-ignore: decorator
@unmanaged export class Storm {
  /** Round trips asked for. */
  asked: u32;
  /** Halves done, well or not. */
  halves: u32;
  failed: u32;
  retries: u32;
  /** What the switches interrupted. */
  atUser: u32;
  atKernel: u32;
  atInterrupt: u32;
  atIdle: u32;
  /** Ticks until the next switch. */
  countdown: u32;
  random: u32;
  /** 1: the next switch shall hit the timer's handler. */
  aimed: u32;
  /** 1: a half is being made. A detach raises the lines that the VMM had taken, and one of them may be the clock's next tick. */
  switching: u32;
}

/** Longest wait for a switch, in ticks of 1/4096 s. */
const LONGEST_WAIT: u32 = 8;
/** One of so many switches is aimed. */
const AIMED_SHARE: u32 = 8;
/** Spins of an aimed timer handler, an upper bound: several ticks' worth on any machine. */
const LINGER: u32 = 2_000_000;

const storm: Storm = changetype<Storm>(memory.data(offsetof<Storm>(), 4));
/** Halves so far, as the lingering handler watches them while the tick's handler counts. */
const progress: Shared<u32> = changetype<Shared<u32>>(memory.data(4, 4));

/** The present or last storm. */
export function stormCounts(): Storm {
  return storm;
}

/** Whether halves are still to come. */
export function stormRuns(): bool {
  return storm.halves < storm.asked * 2;
}

/** Starts `roundTrips` round trips whose moments `seed` decides: 0, -EINVAL, or -EBUSY while another storm runs. */
export function startStorm(roundTrips: u32, seed: u32): i32 {
  if (roundTrips == 0 || roundTrips > 0x0fff_ffff) return -EINVAL;
  const flags = saveFlags();
  disableInterrupts();
  const busy = stormRuns();
  if (!busy) begin(roundTrips, seed);
  restoreFlags(flags);
  return busy ? -EBUSY : 0;
}

function begin(roundTrips: u32, seed: u32): void {
  memory.fill(changetype<usize>(storm), 0, offsetof<Storm>());
  storm.asked = roundTrips;
  // Zero would stay zero in the generator.
  storm.random = seed == 0 ? 1 : seed;
  progress.value = 0;
  choose();
  setInterruptHandler(LINE_RTC, tick.index, false);
  startPeriodic();
}

/** Marsaglia's xorshift with shifts 13, 17, 5. */
function nextRandom(): u32 {
  let value = storm.random;
  value ^= value << 13;
  value ^= value >> 17;
  value ^= value << 5;
  storm.random = value;
  return value;
}

function choose(): void {
  storm.countdown = 1 + (nextRandom() >> 8) % LONGEST_WAIT;
  storm.aimed = (nextRandom() >> 8) % AIMED_SHARE == 0 ? 1 : 0;
}

/** Handler of line 8. */
function tick(frame: TrapFrame): void {
  readCause();
  acknowledgeLine(LINE_RTC);
  if (!stormRuns() || storm.switching != 0) return;
  if (storm.countdown > 1) {
    storm.countdown--;
    return;
  }
  if (storm.aimed != 0 && interruptDepth() < 2) return;
  countPlace(frame);
  storm.switching = 1;
  if (switchMode(1 - volatileLoad32(SHARED_PAGE + SHARED_PAGE_MODE)) != 0) storm.failed++;
  storm.switching = 0;
  storm.retries += volatileLoad32(SHARED_PAGE + SHARED_PAGE_REPORT + SWITCH_REPORT_RETRIES);
  storm.halves++;
  progress.value = storm.halves;
  if (stormRuns()) choose();
  else stopPeriodic();
}

function countPlace(frame: TrapFrame): void {
  if (fromUser(frame)) storm.atUser++;
  else if (interruptDepth() > 1) storm.atInterrupt++;
  // The idle task has interrupts on only while it waits for one.
  else if (current() === idleTask()) storm.atIdle++;
  else storm.atKernel++;
}

/** The timer's handler comes here with interrupts on: an aimed switch shall find it. */
export function lingerForStorm(): void {
  if (!stormRuns() || storm.aimed == 0 || storm.countdown > 1) return;
  const before = progress.value;
  for (let spins: u32 = 0; spins < LINGER && progress.value == before; spins++) pause();
}
