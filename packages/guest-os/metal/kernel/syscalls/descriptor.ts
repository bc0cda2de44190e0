/** dup, dup2, dup3, fcntl, ioctl, pipe. */
import { EBADF, EINVAL, ENFILE } from "@mercury/abi/metal";
import {
  FD_CLOEXEC, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD, F_SETFL, O_APPEND, O_CLOEXEC, O_NONBLOCK, O_RDONLY, O_WRONLY,
} from "../../linux/files";
import { FIONBIO } from "../../linux/terminal";
import { File, holdFile, openInode, releaseFile } from "../fs/file";
import { Inode, isError, releaseInode } from "../fs/inode";
import { newPipeInode } from "../fs/pipe";
import { OPEN_MAX, closeFile, closesOnExec, installFile, replaceFile, setCloseOnExec } from "../fs/table";
import { copyToUser, readUser32 } from "../mm/user-copy";
import { descriptorFile, descriptors } from "./arguments";

const pair: usize = memory.data(8, 4);
/** Flags that F_SETFL changes. */
const SETTABLE: u32 = O_APPEND | O_NONBLOCK;

/** dup(2) */
export function sysDup(fd: u32): i32 {
  return duplicate(fd, 0, false);
}

function duplicate(fd: u32, lowest: u32, closesOnExec: bool): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  const copy = installFile(descriptors(), holdFile(file), lowest, closesOnExec);
  if (copy < 0) releaseFile(file);
  return copy;
}

/** dup2(2) */
export function sysDup2(old: u32, fd: u32): i32 {
  if (old != fd) return sysDup3(old, fd, 0);
  return descriptorFile(old) === null ? -EBADF : <i32>fd;
}

/** dup3(2) */
export function sysDup3(old: u32, fd: u32, flags: u32): i32 {
  if (old == fd || (flags & ~O_CLOEXEC) != 0) return -EINVAL;
  const file = descriptorFile(old);
  if (file === null || fd >= OPEN_MAX) return -EBADF;
  const placed = replaceFile(descriptors(), holdFile(file), fd, flags != 0);
  if (placed < 0) releaseFile(file);
  return placed;
}

/** fcntl(2) and fcntl64(2) */
export function sysFcntl(fd: u32, command: u32, argument: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  switch (command) {
    case F_DUPFD:
      return argument >= OPEN_MAX ? -EINVAL : duplicate(fd, argument, false);
    case F_DUPFD_CLOEXEC:
      return argument >= OPEN_MAX ? -EINVAL : duplicate(fd, argument, true);
    case F_GETFD:
      return closesOnExec(descriptors(), fd) ? <i32>FD_CLOEXEC : 0;
    case F_SETFD:
      setCloseOnExec(descriptors(), fd, (argument & FD_CLOEXEC) != 0);
      return 0;
    case F_GETFL:
      return <i32>file.flags;
    case F_SETFL:
      file.flags = (file.flags & ~SETTABLE) | (argument & SETTABLE);
      return 0;
    default:
      return -EINVAL;
  }
}

/** ioctl(2) */
export function sysIoctl(fd: u32, request: u32, argument: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  if (request != FIONBIO) return call_indirect<i32>(file.operations.control, file, request, <usize>argument);
  const failed = readUser32(pair, argument);
  if (failed != 0) return failed;
  file.flags = load<u32>(pair) != 0 ? file.flags | O_NONBLOCK : file.flags & ~O_NONBLOCK;
  return 0;
}

/** pipe(2) */
export function sysPipe(fds: u32): i32 {
  return sysPipe2(fds, 0);
}

/** pipe2(2) */
export function sysPipe2(fds: u32, flags: u32): i32 {
  if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) return -EINVAL;
  const inode = newPipeInode();
  if (inode === null) return -ENFILE;
  const reader = openEnd(inode, O_RDONLY, flags);
  const writer = reader < 0 ? reader : openEnd(inode, O_WRONLY, flags);
  releaseInode(inode);
  if (reader < 0) return reader;
  let failed = writer;
  if (writer >= 0) {
    store<u32>(pair, reader);
    store<u32>(pair, writer, 4);
    failed = copyToUser(fds, pair, 8);
    if (failed == 0) return 0;
    closeFile(descriptors(), <u32>writer);
  }
  closeFile(descriptors(), <u32>reader);
  return failed;
}

/** A descriptor for one end, or a negated errno. */
function openEnd(inode: Inode, access: u32, flags: u32): i32 {
  const opened = openInode(inode, access | (flags & O_NONBLOCK));
  if (isError(opened)) return <i32>opened;
  const file = changetype<File>(opened);
  const fd = installFile(descriptors(), file, 0, (flags & O_CLOEXEC) != 0);
  if (fd < 0) releaseFile(file);
  return fd;
}
