import { EBADF, EINVAL, ESPIPE } from "@mercury/abi/metal";
import { readFile } from "../fs/file";
import { MAXIMUM_SIZE } from "../fs/inode";
import { userBuffer } from "../fs/transfer";
import { UIO_MAXIOV } from "../../linux/files";
import { MOST_BYTES, descriptorFile } from "./arguments";
import { vectorBase, vectorLength } from "./vector";

/** read(2) */
export function sysRead(fd: u32, buffer: u32, count: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  const bytes = min(count, MOST_BYTES);
  const refused = userBuffer(buffer, bytes);
  return refused != 0 ? refused : readFile(file, buffer, bytes);
}

/** readv(2) */
export function sysReadv(fd: u32, vector: u32, count: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  if (count > UIO_MAXIOV) return -EINVAL;
  let done: i32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const piece = vectorLength(vector, index, <u32>done);
    if (piece < 0) return done != 0 ? done : piece;
    const moved = readFile(file, vectorBase(), <u32>piece);
    if (moved < 0) return done != 0 ? done : moved;
    done += moved;
    if (moved < piece) break;
  }
  return done;
}

/** pread64(2): at an offset, the position staying where it is. */
export function sysPread64(fd: u32, buffer: u32, count: u32, low: u32, high: u32): i32 {
  const file = descriptorFile(fd);
  if (<i32>high < 0) return -EINVAL;
  if (file === null) return -EBADF;
  if (file.operations.seekable == 0) return -ESPIPE;
  if (high != 0 || low > MAXIMUM_SIZE) return 0;
  const position = file.position;
  file.position = low;
  const done = sysRead(fd, buffer, count);
  file.position = position;
  return done;
}
