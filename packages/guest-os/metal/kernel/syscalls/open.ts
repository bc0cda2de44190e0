import { S_IALLUGO, O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY } from "../../linux/files";
import { File, releaseFile } from "../fs/file";
import { Inode, isError } from "../fs/inode";
import { openPath } from "../fs/open";
import { closeFile, installFile } from "../fs/table";
import { workingDirectory } from "../fs/working-directory";
import { current } from "../sched/task";
import { descriptors, directoryArgument, firstPath } from "./arguments";

/** open(2) */
export function sysOpen(path: u32, flags: u32, mode: u32): i32 {
  const name = firstPath(path);
  return isError(name) ? <i32>name : openAt(workingDirectory(), name, flags, mode);
}

/** openat(2) */
export function sysOpenat(directory: u32, path: u32, flags: u32, mode: u32): i32 {
  const name = firstPath(path);
  if (isError(name)) return <i32>name;
  const base = directoryArgument(directory, name);
  return isError(base) ? <i32>base : openAt(changetype<Inode>(base), name, flags, mode);
}

/** creat(2) */
export function sysCreat(path: u32, mode: u32): i32 {
  return sysOpen(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

function openAt(base: Inode, path: usize, flags: u32, mode: u32): i32 {
  const opened = openPath(base, path, flags, mode & S_IALLUGO & ~current().umask);
  if (isError(opened)) return <i32>opened;
  const file = changetype<File>(opened);
  const fd = installFile(descriptors(), file, 0, (flags & O_CLOEXEC) != 0);
  if (fd < 0) releaseFile(file);
  return fd;
}

/** close(2) */
export function sysClose(fd: u32): i32 {
  return closeFile(descriptors(), fd);
}
