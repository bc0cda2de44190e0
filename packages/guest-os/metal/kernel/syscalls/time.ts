import { EFAULT, EINVAL } from "@mercury/abi/metal";
import { copyFromUser, copyToUser, writeUser32 } from "../mm/user-copy";
import { NANOSECONDS_PER_SECOND, bootSeconds, now } from "../sched/clock";
import { current } from "../sched/task";
import { tickCount } from "../sched/tick";
import { ERESTART_RESTARTBLOCK, WaitQueue, sleepOnUntil } from "../sched/wait";

/** Clocks and sleeping. struct timespec is two 32-bit words: seconds, nanoseconds. */

const CLOCK_REALTIME: u32 = 0;
const CLOCK_MONOTONIC: u32 = 1;
const CLOCK_BOOTTIME: u32 = 7;
/** The other readings of the same two clocks: raw, coarse. */
const CLOCK_MONOTONIC_RAW: u32 = 4;
const CLOCK_REALTIME_COARSE: u32 = 5;
const CLOCK_MONOTONIC_COARSE: u32 = 6;
const TIMER_ABSTIME: u32 = 1;

const pair: usize = memory.data(16, 8);
const nothing: WaitQueue = changetype<WaitQueue>(memory.data(4, 4));

export function sysTime(result: u32): i32 {
  const seconds = bootSeconds() + <u32>(now() / NANOSECONDS_PER_SECOND);
  if (result != 0 && writeUser32(result, seconds) != 0) return -EFAULT;
  return seconds;
}

/** struct tms: four clock_t. The result is ticks since boot. */
export function sysTimes(buffer: u32): i32 {
  const task = current();
  store<u32>(pair, task.userTicks);
  store<u32>(pair + 4, task.systemTicks);
  store<u32>(pair + 8, task.childUserTicks);
  store<u32>(pair + 12, task.childSystemTicks);
  if (buffer != 0 && copyToUser(buffer, pair, 16) != 0) return -EFAULT;
  return tickCount();
}

/** What to add to time since boot for a clock; ~0: no such clock. */
function originOf(clock: u32): u64 {
  switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
      return <u64>bootSeconds() * NANOSECONDS_PER_SECOND;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
      return 0;
    default:
      return ~(<u64>0);
  }
}

function giveTime(to: u32, nanoseconds: u64): i32 {
  store<u32>(pair, <u32>(nanoseconds / NANOSECONDS_PER_SECOND));
  store<u32>(pair + 4, <u32>(nanoseconds % NANOSECONDS_PER_SECOND));
  return copyToUser(to, pair, 8);
}

export function sysClockGettime(clock: u32, time: u32): i32 {
  const origin = originOf(clock);
  return origin == ~(<u64>0) ? -EINVAL : giveTime(time, origin + now());
}

export function sysNanosleep(request: u32, remaining: u32): i32 {
  return sysClockNanosleep(CLOCK_MONOTONIC, 0, request, remaining);
}

export function sysClockNanosleep(clock: u32, flags: u32, request: u32, remaining: u32): i32 {
  const origin = originOf(clock);
  if (origin == ~(<u64>0)) return -EINVAL;
  if (copyFromUser(pair, request, 8) != 0) return -EFAULT;
  const seconds = load<i32>(pair);
  const fraction = load<u32>(pair + 4);
  if (seconds < 0 || fraction >= <u32>NANOSECONDS_PER_SECOND) return -EINVAL;
  const asked = <u64>seconds * NANOSECONDS_PER_SECOND + fraction;
  if ((flags & TIMER_ABSTIME) == 0) return sleepUntil(now() + asked, remaining);
  return asked <= origin ? 0 : sleepUntil(asked - origin, 0);
}

/** Goes on with the sleep that a stop interrupted. */
export function sysRestartSyscall(): i32 {
  return sleepUntil(current().restartDeadline, <u32>current().restartRemaining);
}

function sleepUntil(deadline: u64, remaining: u32): i32 {
  while (now() < deadline) {
    if (sleepOnUntil(nothing, deadline) == 0) continue;
    const task = current();
    task.restartDeadline = deadline;
    task.restartRemaining = remaining;
    const time = now();
    if (remaining != 0 && giveTime(remaining, deadline > time ? deadline - time : 0) != 0) return -EFAULT;
    return -ERESTART_RESTARTBLOCK;
  }
  return 0;
}
