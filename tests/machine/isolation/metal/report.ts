import { cstr } from "@mercury/toolchain/metal";
import { ring } from "./ring";

/** Puts text on the machine's console: by hypercall in ring 1, by system call in ring 3. */
// @ts-ignore: decorator
@external("asm", "say") export declare function say(text: usize, length: u32): void;

const line: usize = memory.data(256);
let length: u32 = 0;

export function put(character: u32): void {
  store<u8>(line + <usize>length, <u8>character);
  length++;
}

export function print(text: usize): void {
  for (let at = text; load<u8>(at) != 0; at++) put(load<u8>(at));
}

export function printNumber(value: u32): void {
  let divisor: u32 = 1;
  while (value / divisor >= 10) divisor *= 10;
  for (; divisor != 0; divisor /= 10) put(0x30 + ((value / divisor) % 10));
}

export function printHex(value: u32): void {
  for (let shift: i32 = 28; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    put(digit < 10 ? 0x30 + digit : 0x57 + digit);
  }
}

export function endLine(): void {
  put(0x0a);
  say(line, length);
  length = 0;
}

/** Breaches that are printed one by one, of each group. */
const SHOWN: u32 = 8;

let probes: u32 = 0;
let allowed: u32 = 0;
let breaches: u32 = 0;

/** One probe: whether it went through, and whether it may. Where the two differ something is wrong, in one direction or the other. */
export function judge(went: bool, may: bool, what: u32, where: u32, vector: u32): void {
  probes++;
  if (went) allowed++;
  if (went == may) return;
  breaches++;
  if (breaches > SHOWN) return;
  print(went ? cstr`  BREACH ` : cstr`  REFUSED `);
  printHex(what);
  put(0x20);
  printHex(where);
  print(cstr` vector `);
  printNumber(vector);
  endLine();
}

/** Ends a group: its line is what the test reads. */
export function finish(group: usize): void {
  print(cstr`ring `);
  printNumber(ring());
  print(cstr` | `);
  print(group);
  print(cstr` | `);
  printNumber(probes);
  print(cstr` probes | `);
  printNumber(allowed);
  print(cstr` allowed | `);
  printNumber(breaches);
  print(cstr` wrong`);
  endLine();
  probes = 0;
  allowed = 0;
  breaches = 0;
}
