import { readTimeStamp } from "@mercury/toolchain/metal";
import {
  SHARED_PAGE, SHARED_PAGE_BOOT_SECONDS, SHARED_PAGE_CLOCK_MULTIPLIER, SHARED_PAGE_CLOCK_NANOSECONDS, SHARED_PAGE_CLOCK_SHIFT,
  SHARED_PAGE_CLOCK_TIME_STAMP, SHARED_PAGE_TICKS_PER_MILLISECOND,
} from "@mercury/abi/metal";

/** Reads and sets the clock record of the shared page, which serves both modes: time comes from the time stamp counter alone. */

export const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

/** Nanoseconds since boot. */
export function now(): u64 {
  const delta = readTimeStamp() - load<u64>(SHARED_PAGE + SHARED_PAGE_CLOCK_TIME_STAMP);
  return load<u64>(SHARED_PAGE + SHARED_PAGE_CLOCK_NANOSECONDS) + scaleTicks(
    delta, load<i32>(SHARED_PAGE + SHARED_PAGE_CLOCK_SHIFT), load<u32>(SHARED_PAGE + SHARED_PAGE_CLOCK_MULTIPLIER));
}

/** Seconds from 1970 to boot, UTC. */
export function bootSeconds(): u32 {
  return load<u32>(SHARED_PAGE + SHARED_PAGE_BOOT_SECONDS);
}

/** Ticks to nanoseconds: (ticks << shift) * multiplier / 2^32; a negative shift goes right. */
export function scaleTicks(ticks: u64, shift: i32, multiplier: u32): u64 {
  const shifted = shift >= 0 ? ticks << <u64>shift : ticks >> <u64>-shift;
  const high = (shifted >> 32) * <u64>multiplier;
  const low = ((shifted & 0xffff_ffff) * <u64>multiplier) >> 32;
  return high + low;
}

/** Shift that takes a counter of `hertz` into (1 GHz, 2 GHz], where a tick is a 0.32 fraction of a nanosecond. */
export function shiftFor(hertz: u64): i32 {
  let shift = 0;
  let rate = hertz;
  while (rate <= NANOSECONDS_PER_SECOND) {
    rate <<= 1;
    shift++;
  }
  while (rate > 2 * NANOSECONDS_PER_SECOND) {
    rate >>= 1;
    shift--;
  }
  return shift;
}

/** Nanoseconds per shifted tick as a 0.32 fraction. */
export function multiplierFor(hertz: u64, shift: i32): u32 {
  const rate = shift >= 0 ? hertz << <u64>shift : hertz >> <u64>-shift;
  return <u32>((NANOSECONDS_PER_SECOND << 32) / rate);
}

/** Fills the record: time 0 is now. */
export function startClock(hertz: u64, secondsAtBoot: u32): void {
  const shift = shiftFor(hertz);
  store<i32>(SHARED_PAGE + SHARED_PAGE_CLOCK_SHIFT, shift);
  store<u32>(SHARED_PAGE + SHARED_PAGE_CLOCK_MULTIPLIER, multiplierFor(hertz, shift));
  store<u64>(SHARED_PAGE + SHARED_PAGE_CLOCK_NANOSECONDS, 0);
  store<u64>(SHARED_PAGE + SHARED_PAGE_CLOCK_TIME_STAMP, readTimeStamp());
  store<u32>(SHARED_PAGE + SHARED_PAGE_BOOT_SECONDS, secondsAtBoot);
  store<u32>(SHARED_PAGE + SHARED_PAGE_TICKS_PER_MILLISECOND, <u32>(hertz / 1000));
}
