/** truncate64, ftruncate and ftruncate64. */
import { EBADF, EFBIG, EINVAL, EISDIR } from "@mercury/abi/metal";
import { isWritable } from "../fs/file";
import { Inode, MAXIMUM_SIZE, isDirectory, isError, isRegular, releaseInode } from "../fs/inode";
import { lookupPath } from "../fs/path";
import { workingDirectory } from "../fs/working-directory";
import { descriptorFile, firstPath } from "./arguments";

/** truncate64(2) */
export function sysTruncate64(path: u32, low: u32, high: u32): i32 {
  const name = firstPath(path);
  if (isError(name)) return <i32>name;
  const found = lookupPath(workingDirectory(), name, true);
  if (isError(found)) return <i32>found;
  const inode = changetype<Inode>(found);
  const result = isDirectory(inode) ? -EISDIR : resize(inode, low, high);
  releaseInode(inode);
  return result;
}

/** ftruncate(2) */
export function sysFtruncate(fd: u32, length: u32): i32 {
  return sysFtruncate64(fd, length, <i32>length < 0 ? 0xffff_ffff : 0);
}

/** ftruncate64(2) */
export function sysFtruncate64(fd: u32, low: u32, high: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  return isWritable(file) ? resize(file.inode, low, high) : -EINVAL;
}

function resize(inode: Inode, low: u32, high: u32): i32 {
  if (!isRegular(inode) || <i32>high < 0) return -EINVAL;
  if (high != 0 || low > MAXIMUM_SIZE) return -EFBIG;
  return call_indirect<i32>(inode.operations.resize, inode, low);
}
