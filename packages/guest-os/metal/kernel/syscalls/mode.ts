/** chmod, access and umask. There is one user, root, whom only a missing execute bit stops (path_resolution(7)). */
import { EACCES, EBADF, EINVAL } from "@mercury/abi/metal";
import { R_OK, S_IALLUGO, S_IXUGO, W_OK, X_OK } from "../../linux/files";
import { Inode, isDirectory, isError, releaseInode, wallTime } from "../fs/inode";
import { lookupPath } from "../fs/path";
import { workingDirectory } from "../fs/working-directory";
import { current } from "../sched/task";
import { descriptorFile, firstPath } from "./arguments";

/** chmod(2) */
export function sysChmod(path: u32, mode: u32): i32 {
  const found = follow(path);
  if (isError(found)) return <i32>found;
  const inode = changetype<Inode>(found);
  setMode(inode, mode);
  releaseInode(inode);
  return 0;
}

/** fchmod(2) */
export function sysFchmod(fd: u32, mode: u32): i32 {
  const file = descriptorFile(fd);
  if (file === null) return -EBADF;
  setMode(file.inode, mode);
  return 0;
}

function setMode(inode: Inode, mode: u32): void {
  inode.mode = (inode.mode & ~S_IALLUGO) | (mode & S_IALLUGO);
  inode.changeTime = wallTime();
}

/** access(2) */
export function sysAccess(path: u32, mode: u32): i32 {
  if ((mode & ~(R_OK | W_OK | X_OK)) != 0) return -EINVAL;
  const found = follow(path);
  if (isError(found)) return <i32>found;
  const inode = changetype<Inode>(found);
  const refused = (mode & X_OK) != 0 && !isDirectory(inode) && (inode.mode & S_IXUGO) == 0;
  releaseInode(inode);
  return refused ? -EACCES : 0;
}

function follow(path: u32): usize {
  const name = firstPath(path);
  return isError(name) ? name : lookupPath(workingDirectory(), name, true);
}

/** umask(2): the mask before. */
export function sysUmask(mask: u32): i32 {
  const me = current();
  const old = me.umask;
  me.umask = mask & 0o777;
  return <i32>old;
}
