import { EFBIG } from "@mercury/abi/metal";
import { moveAt, moveBuffer, moveVector } from "./move";

/** write(2) */
export function sysWrite(fd: u32, buffer: u32, count: u32): i32 {
  return moveBuffer(fd, buffer, count, true);
}

/** writev(2) */
export function sysWritev(fd: u32, vector: u32, count: u32): i32 {
  return moveVector(fd, vector, count, true);
}

/** pwrite64(2) */
export function sysPwrite64(fd: u32, buffer: u32, count: u32, low: u32, high: u32): i32 {
  return moveAt(fd, buffer, count, low, high, -EFBIG, true);
}
