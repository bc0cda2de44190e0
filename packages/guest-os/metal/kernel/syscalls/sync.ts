/** sync(2), fsync(2) and fdatasync(2): files live in memory, so that there is nothing to write back. */
import { EBADF, EINVAL } from "@mercury/abi/metal";
import { isDirectory, isRegular } from "../fs/inode";
import { descriptorFile } from "./arguments";

/** sync(2) */
export function sysSync(): i32 {
  return 0;
}

/** fsync(2) and fdatasync(2); what has no storage refuses. */
export function sysFsync(fd: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  return isRegular(file.inode) || isDirectory(file.inode) ? 0 : -EINVAL;
}
