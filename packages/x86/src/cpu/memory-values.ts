import * as x from "../wasm/expression.ts";
import type { Int } from "../wasm/expression.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import type { Size } from "./shape.ts";

/** Reads `size` bytes at a host address. */
export function loadSized(address: Int, size: Size, signed: boolean, offset = 0): Int {
  if (size === 4) return x.loadInt(address, offset);
  const value = size === 2 ? x.loadWord(address, offset) : x.loadByte(address, offset);
  return signed ? extend(value, size, true) : value;
}

/** Reduces a value to `size` bytes, by sign or by zeros. */
export function extend(value: Int, size: Size, signed: boolean): Int {
  if (size === 4) return value;
  if (size === 2) return signed ? x.signExtend16(value) : x.and(value, x.int(0xffff));
  return signed ? x.signExtend8(value) : x.and(value, x.int(0xff));
}

/** Writes the low `size` bytes of a value. */
export function storeSized(f: FunctionBuilder, address: Int, size: Size, value: Int): void {
  if (size === 4) f.storeInt(address, 0, value);
  else if (size === 2) f.storeWord(address, 0, value);
  else f.storeByte(address, 0, value);
}
