/** date [+%s]: the present date, UTC. */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { putByte, putDecimal } from "../lib/print";
import { clockTime } from "../lib/syscall";
import { equal } from "../lib/text";
import { putFullDate } from "../lib/time";

const time: usize = memory.data(8);

export function date(list: Arguments): i32 {
  const seconds = list.count == 2 && equal(list.at(1), cstr`+%s`);
  if (list.count > 1 && !seconds) return usage(cstr`date [+%s]`);
  const result = clockTime(0, time);
  if (result < 0) return complain(cstr`date`, 0, result);
  if (seconds) putDecimal(load<u32>(time));
  else putFullDate(load<u32>(time));
  putByte(0x0a);
  return 0;
}
