import { EBADF, EINVAL, PAGE_SIZE } from "@mercury/abi/metal";
import { AT_EMPTY_PATH, AT_FDCWD, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW, Stat64 } from "../../linux/files";
import { Inode, isError, releaseInode } from "../fs/inode";
import { lookupPath } from "../fs/path";
import { workingDirectory } from "../fs/working-directory";
import { copyStringFromUser, copyToUser } from "../mm/user-copy";
import { descriptorFile, directoryArgument, firstPath } from "./arguments";

const record: Stat64 = changetype<Stat64>(memory.data(offsetof<Stat64>(), 4));
const probe: usize = memory.data(4);
/** Bytes of the unit in which stat counts a file's space (stat(2)). */
const BLOCK_SIZE: u32 = 512;
const NANOSECONDS: u64 = 1_000_000_000;

/** stat64(2) */
export function sysStat64(path: u32, to: u32): i32 {
  return statPath(workingDirectory(), firstPath(path), to, true);
}

/** lstat64(2) */
export function sysLstat64(path: u32, to: u32): i32 {
  return statPath(workingDirectory(), firstPath(path), to, false);
}

/** fstat64(2) */
export function sysFstat64(fd: u32, to: u32): i32 {
  const file = descriptorFile(fd);
  return file === null ? -EBADF : giveStat(file.inode, to);
}

/** fstatat64(2) */
export function sysFstatat64(directory: u32, path: u32, to: u32, flags: u32): i32 {
  if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)) != 0) return -EINVAL;
  if ((flags & AT_EMPTY_PATH) != 0 && copyStringFromUser(probe, path, 2) == 0) {
    return <i32>directory == AT_FDCWD ? giveStat(workingDirectory(), to) : sysFstat64(directory, to);
  }
  const name = firstPath(path);
  if (isError(name)) return <i32>name;
  const base = directoryArgument(directory, name);
  return isError(base) ? <i32>base : statPath(changetype<Inode>(base), name, to, (flags & AT_SYMLINK_NOFOLLOW) == 0);
}

function statPath(base: Inode, path: usize, to: usize, follow: bool): i32 {
  if (isError(path)) return <i32>path;
  const found = lookupPath(base, path, follow);
  if (isError(found)) return <i32>found;
  const inode = changetype<Inode>(found);
  const result = giveStat(inode, to);
  releaseInode(inode);
  return result;
}

function giveStat(inode: Inode, to: usize): i32 {
  memory.fill(changetype<usize>(record), 0, offsetof<Stat64>());
  record.deviceLow = inode.system;
  record.shortInode = record.inodeLow = inode.number;
  record.mode = inode.mode;
  record.links = inode.links;
  record.specialLow = inode.device;
  record.sizeLow = inode.size;
  record.blockSize = PAGE_SIZE;
  record.blocksLow = inode.pageCount * (PAGE_SIZE / BLOCK_SIZE);
  record.accessSeconds = <u32>(inode.accessTime / NANOSECONDS);
  record.accessNanoseconds = <u32>(inode.accessTime % NANOSECONDS);
  record.modifySeconds = <u32>(inode.modifyTime / NANOSECONDS);
  record.modifyNanoseconds = <u32>(inode.modifyTime % NANOSECONDS);
  record.changeSeconds = <u32>(inode.changeTime / NANOSECONDS);
  record.changeNanoseconds = <u32>(inode.changeTime % NANOSECONDS);
  return copyToUser(to, changetype<usize>(record), offsetof<Stat64>());
}
