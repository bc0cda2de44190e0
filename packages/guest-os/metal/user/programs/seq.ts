/** seq [FIRST] LAST: the numbers between them, a line each. */
import { cstr } from "@mercury/toolchain/metal";
import { Arguments } from "../lib/args";
import { complainText, usage } from "../lib/errors";
import { putByte, putSigned } from "../lib/print";
import { isNumber, toNumber } from "../lib/text";

export function seq(list: Arguments): i32 {
  if (list.count < 2 || list.count > 3) return usage(cstr`seq [FIRST] LAST`);
  for (let index: u32 = 1; index < list.count; index++) {
    const text = list.at(index);
    if (!isNumber(load<u8>(text) == 0x2d ? text + 1 : text)) return complainText(cstr`seq`, text, cstr`not a number`);
  }
  const last = toNumber(list.at(list.count - 1));
  for (let value = list.count == 3 ? toNumber(list.at(1)) : 1; value <= last; value++) {
    putSigned(value);
    putByte(0x0a);
  }
  return 0;
}
