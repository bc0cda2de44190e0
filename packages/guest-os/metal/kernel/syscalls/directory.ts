/** chdir, fchdir and getcwd. */
import { EBADF, ENOTDIR, ERANGE } from "@mercury/abi/metal";
import { PATH_MAX } from "../../linux/files";
import { Inode, isDirectory, isError, releaseInode } from "../fs/inode";
import { lookupPath } from "../fs/path";
import { pathOf, setWorkingDirectory, workingDirectory } from "../fs/working-directory";
import { copyToUser } from "../mm/user-copy";
import { current } from "../sched/task";
import { descriptorFile, firstPath } from "./arguments";

const text: usize = memory.data(4096, 16);

/** chdir(2) */
export function sysChdir(path: u32): i32 {
  const name = firstPath(path);
  if (isError(name)) return <i32>name;
  const found = lookupPath(workingDirectory(), name, true);
  if (isError(found)) return <i32>found;
  const inode = changetype<Inode>(found);
  const result = enter(inode);
  releaseInode(inode);
  return result;
}

/** fchdir(2) */
export function sysFchdir(fd: u32): i32 {
  const file = descriptorFile(fd);
  return file === null ? -EBADF : enter(file.inode);
}

function enter(inode: Inode): i32 {
  if (!isDirectory(inode)) return -ENOTDIR;
  setWorkingDirectory(current(), inode);
  return 0;
}

/** getcwd(2): the bytes of the path with its NUL. */
export function sysGetcwd(buffer: u32, size: u32): i32 {
  const start = pathOf(workingDirectory(), text, text + PATH_MAX);
  if (isError(start)) return <i32>start;
  const bytes = <u32>(text + PATH_MAX - start);
  if (bytes > size) return -ERANGE;
  const failed = copyToUser(buffer, start, bytes);
  return failed != 0 ? failed : <i32>bytes;
}
