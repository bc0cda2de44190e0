import { EBADF, EINVAL } from "@mercury/abi/metal";
import { writeFile } from "../fs/file";
import { userBuffer } from "../fs/transfer";
import { UIO_MAXIOV } from "../../linux/files";
import { MOST_BYTES, descriptorFile } from "./arguments";
import { vectorBase, vectorLength } from "./vector";

/** write(2) */
export function sysWrite(fd: u32, buffer: u32, count: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  const bytes = min(count, MOST_BYTES);
  const refused = userBuffer(buffer, bytes);
  return refused != 0 ? refused : writeFile(file, buffer, bytes);
}

/** writev(2) */
export function sysWritev(fd: u32, vector: u32, count: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  if (count > UIO_MAXIOV) return -EINVAL;
  let done: i32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const piece = vectorLength(vector, index, <u32>done);
    if (piece < 0) return done != 0 ? done : piece;
    const moved = writeFile(file, vectorBase(), <u32>piece);
    if (moved < 0) return done != 0 ? done : moved;
    done += moved;
    if (moved < piece) break;
  }
  return done;
}
