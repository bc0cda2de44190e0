import { logRing } from "../symbols";
import { transmit } from "./serial";

/** Bytes of the ring (stubs/data.ts), a power of two. */
const RING_SIZE: u32 = 0x4000;

/** Bytes ever written; the ring keeps the last RING_SIZE of them for a debugger. */
let written: u32 = 0;

/** One character on the serial line and in the ring. */
export function putCharacter(character: u32): void {
  store<u8>(logRing() + <usize>(written & (RING_SIZE - 1)), <u8>character);
  written++;
  if (character == 0x0a) transmit(0x0d);
  transmit(character);
}

/** A NUL-terminated string. */
export function print(text: usize): void {
  for (let character = load<u8>(text); character != 0; character = load<u8>(++text)) putCharacter(character);
}

/** Eight hexadecimal digits. */
export function printHex(value: u32): void {
  for (let shift: i32 = 28; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    putCharacter(digit < 10 ? 0x30 + digit : 0x57 + digit);
  }
}

/** ` name=value` */
export function printField(name: usize, value: u32): void {
  putCharacter(0x20);
  print(name);
  putCharacter(0x3d);
  printHex(value);
}
