import { moveAt, moveBuffer, moveVector } from "./move";

/** read(2) */
export function sysRead(fd: u32, buffer: u32, count: u32): i32 {
  return moveBuffer(fd, buffer, count, false);
}

/** readv(2) */
export function sysReadv(fd: u32, vector: u32, count: u32): i32 {
  return moveVector(fd, vector, count, false);
}

/** pread64(2): beyond all files is an end like any other. */
export function sysPread64(fd: u32, buffer: u32, count: u32, low: u32, high: u32): i32 {
  return moveAt(fd, buffer, count, low, high, 0, false);
}
