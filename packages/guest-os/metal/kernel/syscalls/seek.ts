import { EBADF, EINVAL, ESPIPE } from "@mercury/abi/metal";
import { SEEK_CUR, SEEK_END, SEEK_SET } from "../../linux/files";
import { File } from "../fs/file";
import { MAXIMUM_SIZE } from "../fs/inode";
import { copyToUser } from "../mm/user-copy";
import { descriptorFile } from "./arguments";

const result: usize = memory.data(8, 8);

/** lseek(2) */
export function sysLseek(fd: u32, offset: u32, whence: u32): i32 {
  const file = descriptorFile(fd);
  return file === null ? -EBADF : seek(file, <i64><i32>offset, whence);
}

/** _llseek(2): the new position, 64 bits, goes to `position`. */
export function sysLlseek(fd: u32, high: u32, low: u32, position: u32, whence: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  const moved = seek(file, <i64>((<u64>high << 32) | <u64>low), whence);
  if (moved < 0) return moved;
  store<u64>(result, <u64>moved);
  return copyToUser(position, result, 8);
}

/** Moves the position: where it is now, or a negated errno. */
function seek(file: File, offset: i64, whence: u32): i32 {
  if (file.operations.seekable == 0) return -ESPIPE;
  let from: i64 = 0;
  if (whence == SEEK_CUR) from = <i64>file.position;
  else if (whence == SEEK_END) from = <i64>file.inode.size;
  else if (whence != SEEK_SET) return -EINVAL;
  const target = from + offset;
  // Offsets so large that the sum wraps come out negative or beyond the limit as well.
  if (target < 0 || target > <i64>MAXIMUM_SIZE) return -EINVAL;
  file.position = <u32>target;
  return <i32>target;
}
