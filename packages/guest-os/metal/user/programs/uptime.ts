/** uptime: the time of day and how long the system has been running. */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { complain } from "../lib/errors";
import { put, putByte, putDecimal, putTwo } from "../lib/print";
import { clockTime } from "../lib/syscall";
import { putClock } from "../lib/time";

const CLOCK_REALTIME: u32 = 0;
const CLOCK_MONOTONIC: u32 = 1;
const time: usize = memory.data(8);

export function uptime(list: Arguments): i32 {
  const result = clockTime(CLOCK_REALTIME, time);
  if (result < 0) return complain(cstr`uptime`, 0, result);
  putByte(0x20);
  putClock(load<u32>(time));
  clockTime(CLOCK_MONOTONIC, time);
  const seconds = load<u32>(time);
  put(cstr` up `);
  if (seconds >= 86400) {
    putDecimal(seconds / 86400);
    put(cstr` days, `);
  }
  putTwo((seconds / 3600) % 24);
  putByte(0x3a);
  putTwo((seconds / 60) % 60);
  putByte(0x3a);
  putTwo(seconds % 60);
  putByte(0x0a);
  return 0;
}
