/** Time: sleeps last as long as asked for, and the monotonic clock never goes back. */
import { cstr } from "@mercury/toolchain/metal";
import { below, lost, seed } from "./check";
import { clockTime, sleepFor } from "../../lib/syscall";

const CLOCK_MONOTONIC: u32 = 1;
const now: usize = memory.data(8);
const request: usize = memory.data(8);

function nanoseconds(): u64 {
  clockTime(CLOCK_MONOTONIC, now);
  return <u64>load<u32>(now) * 1000000000 + load<u32>(now + 4);
}

export function timers(rounds: u32): bool {
  seed(3);
  let before = nanoseconds();
  for (let round: u32 = 0; round < rounds * 4; round++) {
    const length: u32 = 1000000 + below(8000000);
    store<u32>(request, 0);
    store<u32>(request + 4, length);
    if (sleepFor(request, 0) != 0) return lost(cstr`sleep that was cut short`, length, 0);
    const after = nanoseconds();
    if (after < before) return lost(cstr`the clock went back`, <u32>(before - after), 0);
    if (after - before < <u64>length) return lost(cstr`nanoseconds slept`, length, <u32>(after - before));
    before = after;
    for (let look: u32 = 0; look < 200; look++) {
      const later = nanoseconds();
      if (later < before) return lost(cstr`the clock went back`, <u32>(before - later), 1);
      before = later;
    }
  }
  return true;
}
