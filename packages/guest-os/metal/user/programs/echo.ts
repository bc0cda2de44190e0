/** echo [-n] [WORD...] */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { put, putByte } from "../lib/print";
import { equal } from "../lib/text";

export function echo(list: Arguments): i32 {
  const bare = list.count > 1 && equal(list.at(1), cstr`-n`);
  const start: u32 = bare ? 2 : 1;
  for (let index = start; index < list.count; index++) {
    if (index > start) putByte(0x20);
    put(list.at(index));
  }
  if (!bare) putByte(0x0a);
  return 0;
}
