/** sleep SECONDS, which may have a fraction. */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { complain, complainText, usage } from "../lib/errors";
import { sleepFor } from "../lib/syscall";
import { isDigit } from "../lib/text";

const request: usize = memory.data(8);

export function sleep(list: Arguments): i32 {
  if (list.count != 2) return usage(cstr`sleep SECONDS`);
  if (!parse(list.at(1))) return complainText(cstr`sleep`, list.at(1), cstr`not a number of seconds`);
  const result = sleepFor(request, 0);
  return result < 0 ? complain(cstr`sleep`, list.at(1), result) : 0;
}

/** Fills `request`; false when the text is not a decimal number below 2^31. */
function parse(text: usize): bool {
  let seconds: u64 = 0;
  if (!isDigit(load<u8>(text)) && load<u8>(text) != 0x2e) return false;
  for (; isDigit(load<u8>(text)) && seconds < 0x80000000; text++) seconds = seconds * 10 + (load<u8>(text) - 0x30);
  let nanoseconds: u32 = 0;
  if (load<u8>(text) == 0x2e) {
    text++;
    for (let unit: u32 = 100000000; isDigit(load<u8>(text)); unit /= 10) nanoseconds += unit * (load<u8>(text++) - 0x30);
  }
  store<u32>(request, <u32>seconds);
  store<u32>(request + 4, nanoseconds);
  return load<u8>(text) == 0 && seconds < 0x80000000;
}
