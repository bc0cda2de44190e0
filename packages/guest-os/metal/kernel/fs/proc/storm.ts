/** /proc/mercury/storm: many switches at moments that a seed decides. */
import { EINVAL } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { startStorm, stormCounts, stormRuns } from "../../sched/storm";
import { putLine, putTextLine } from "./text";

const NEWLINE: u32 = 0x0a;
const SPACE: u32 = 0x20;

/** Contents of the file. */
export function storm(pid: u32): i32 {
  const counts = stormCounts();
  putTextLine(cstr`state`, stormRuns() ? cstr`running` : cstr`idle`);
  putLine(cstr`done`, counts.halves / 2);
  putLine(cstr`failed`, counts.failed);
  putLine(cstr`retries`, counts.retries);
  putLine(cstr`at.user`, counts.atUser);
  putLine(cstr`at.kernel`, counts.atKernel);
  putLine(cstr`at.interrupt`, counts.atInterrupt);
  putLine(cstr`at.idle`, counts.atIdle);
  return 0;
}

/** "N SEED": N round trips. */
export function beginStorm(bytes: usize, count: u32): i32 {
  const first = parseNumber(bytes);
  if (parsedTo == bytes || load<u8>(parsedTo) != SPACE) return -EINVAL;
  const start = parsedTo + 1;
  const seed = parseNumber(start);
  if (parsedTo == start) return -EINVAL;
  const rest = load<u8>(parsedTo);
  return rest == 0 || rest == NEWLINE ? startStorm(first, seed) : -EINVAL;
}

/** Where parseNumber stopped. */
let parsedTo: usize = 0;

/** The decimal number at an address, up to the first byte that is no digit. */
function parseNumber(at: usize): u32 {
  let value: u32 = 0;
  parsedTo = at;
  while (<u32>load<u8>(parsedTo) - 0x30 <= 9) value = value * 10 + <u32>load<u8>(parsedTo++) - 0x30;
  return value;
}

