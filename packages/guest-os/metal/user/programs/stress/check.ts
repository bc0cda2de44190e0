/** What the parts of the load share: a reproducible stream of numbers, and how a part says that something was lost. */
import { beginError, endError, put, putByte, putDecimal } from "../../lib/print";
import { cstr } from "@mercury/toolchain/metal";

/** xorshift32 (Marsaglia 2003): every part starts from its own seed, so two runs do the same. */
let state: u32 = 1;

export function seed(value: u32): void {
  state = value == 0 ? 1 : value;
}

export function random(): u32 {
  let value = state;
  value ^= value << 13;
  value ^= value >> 17;
  value ^= value << 5;
  state = value;
  return value;
}

/** A number below `limit`. */
export function below(limit: u32): u32 {
  return random() % limit;
}

/** Says what differs, on standard error; false, so that a check ends with it. */
export function lost(what: usize, expected: u32, found: u32): bool {
  beginError();
  put(cstr`stress: `);
  put(what);
  put(cstr`: expected `);
  putDecimal(expected);
  put(cstr`, found `);
  putDecimal(found);
  putByte(0x0a);
  endError();
  return false;
}

/** FNV-1a over bytes, to be continued from `hash`. */
export function checksum(hash: u32, from: usize, count: u32): u32 {
  for (let end = from + count; from < end; from++) hash = (hash ^ load<u8>(from)) * 16777619;
  return hash;
}
export const checksumStart: u32 = 2166136261;

/** Fills with the stream of `value`; `matches` tells whether the bytes are still that. */
export function fillPattern(at: usize, bytes: u32, value: u32): void {
  seed(value);
  for (let end = at + bytes; at < end; at += 4) store<u32>(at, random());
}

/** Offset of the first word that differs, or `bytes`. */
export function patternLength(at: usize, bytes: u32, value: u32): u32 {
  seed(value);
  for (let offset: u32 = 0; offset < bytes; offset += 4) if (load<u32>(at + offset) != random()) return offset;
  return bytes;
}
