/** What file calls take: paths, descriptors, buffers. */
import { EBADF, ENOENT, ENOTDIR } from "@mercury/abi/metal";
import { isDirectory } from "../fs/inode";
import { File } from "../fs/file";
import { FileTable, fileOf } from "../fs/table";
import { workingDirectory } from "../fs/working-directory";
import { copyStringFromUser } from "../mm/user-copy";
import { current } from "../sched/task";
import { AT_FDCWD, PATH_MAX } from "../../linux/files";

/** Bytes that one call moves at most (Linux: MAX_RW_COUNT): the result stays positive. */
export const MOST_BYTES: u32 = 0x7fff_f000;

// A walk copies its path before anything sleeps, so that two buffers serve every call.
const first: usize = memory.data(4096, 16);
const second: usize = memory.data(4096, 16);

/** A program's path in the kernel's memory, or a negated errno. Valid until the next call of this function. */
export function firstPath(user: u32): usize {
  return fetch(first, user);
}

/** As firstPath, for the other path of a call with two. */
export function secondPath(user: u32): usize {
  return fetch(second, user);
}

function fetch(to: usize, user: u32): usize {
  const length = copyStringFromUser(to, user, PATH_MAX);
  if (length < 0) return <usize>length;
  return length == 0 ? <usize>-ENOENT : to;
}

/** The current task's descriptors. */
export function descriptors(): FileTable {
  return current().files!;
}

/** The file of a descriptor of the current task, or null (-EBADF). */
export function descriptorFile(fd: u32): File | null {
  return fileOf(descriptors(), fd);
}

/** The directory from which a path goes, given a descriptor or AT_FDCWD: not held; or a negated errno. */
export function directoryArgument(fd: u32, path: usize): usize {
  if (<i32>fd == AT_FDCWD || load<u8>(path) == 0x2f) return changetype<usize>(workingDirectory());
  const file = descriptorFile(fd);
  if (file === null) return <usize>-EBADF;
  return isDirectory(file.inode) ? changetype<usize>(file.inode) : <usize>-ENOTDIR;
}
