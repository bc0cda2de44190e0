/** Calls that make, change and remove names. */
import { EINVAL, EPERM } from "@mercury/abi/metal";
import { AT_FDCWD, PATH_MAX, S_IALLUGO, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from "../../linux/files";
import { Inode, isError, releaseInode } from "../fs/inode";
import { linkName, makeLink, makeName, removeName } from "../fs/names";
import { lookupPath } from "../fs/path";
import { renameName } from "../fs/rename";
import { workingDirectory } from "../fs/working-directory";
import { copyToUser } from "../mm/user-copy";
import { current } from "../sched/task";
import { directoryArgument, firstPath, secondPath } from "./arguments";

const target: usize = memory.data(4096, 16);

/** mkdir(2) */
export function sysMkdir(path: u32, mode: u32): i32 {
  const name = firstPath(path);
  return isError(name) ? <i32>name : makeName(workingDirectory(), name, S_IFDIR | masked(mode), 0);
}

/** mknod(2): regular files, FIFOs and character devices. */
export function sysMknod(path: u32, mode: u32, device: u32): i32 {
  return sysMknodat(<u32>AT_FDCWD, path, mode, device);
}

/** mknodat(2) */
export function sysMknodat(directory: u32, path: u32, mode: u32, device: u32): i32 {
  const name = firstPath(path);
  if (isError(name)) return <i32>name;
  const base = directoryArgument(directory, name);
  if (isError(base)) return <i32>base;
  let type = mode & S_IFMT;
  if (type == 0) type = S_IFREG;
  if (type == S_IFDIR) return -EPERM;
  if (type != S_IFREG && type != S_IFIFO && type != S_IFCHR) return -EINVAL;
  return makeName(changetype<Inode>(base), name, type | masked(mode), type == S_IFCHR ? device : 0);
}

// @ts-ignore: decorator
@inline export function masked(mode: u32): u32 {
  return mode & S_IALLUGO & ~current().umask;
}

/** rmdir(2) */
export function sysRmdir(path: u32): i32 {
  const name = firstPath(path);
  return isError(name) ? <i32>name : removeName(workingDirectory(), name, true);
}

/** unlink(2) */
export function sysUnlink(path: u32): i32 {
  const name = firstPath(path);
  return isError(name) ? <i32>name : removeName(workingDirectory(), name, false);
}

/** link(2) */
export function sysLink(old: u32, path: u32): i32 {
  const from = firstPath(old);
  if (isError(from)) return <i32>from;
  const to = secondPath(path);
  return isError(to) ? <i32>to : linkName(workingDirectory(), from, to);
}

/** rename(2) */
export function sysRename(old: u32, path: u32): i32 {
  const from = firstPath(old);
  if (isError(from)) return <i32>from;
  const to = secondPath(path);
  return isError(to) ? <i32>to : renameName(workingDirectory(), from, to);
}

/** symlink(2) */
export function sysSymlink(contents: u32, path: u32): i32 {
  const text = firstPath(contents);
  if (isError(text)) return <i32>text;
  const name = secondPath(path);
  return isError(name) ? <i32>name : makeLink(workingDirectory(), name, text, textLength(text));
}

function textLength(text: usize): u32 {
  let length: u32 = 0;
  while (load<u8>(text + length) != 0) length++;
  return length;
}

/** readlink(2) */
export function sysReadlink(path: u32, buffer: u32, size: u32): i32 {
  if (<i32>size <= 0) return -EINVAL;
  const name = firstPath(path);
  if (isError(name)) return <i32>name;
  const found = lookupPath(workingDirectory(), name, false);
  if (isError(found)) return <i32>found;
  const link = changetype<Inode>(found);
  const isLink = (link.mode & S_IFMT) == S_IFLNK;
  const bytes = isLink ? call_indirect<i32>(link.operations.readLink, link, target, min(size, PATH_MAX)) : -EINVAL;
  releaseInode(link);
  if (bytes <= 0) return bytes;
  const failed = copyToUser(buffer, target, bytes);
  return failed != 0 ? failed : bytes;
}
