/** rename(2). */
import { EBUSY, EINVAL, EISDIR, ENOENT, ENOTDIR, EPERM, EXDEV } from "@mercury/abi/metal";
import { mayRemoveDirectory } from "./names";
import { Inode, isDirectory } from "./inode";
import { FOLLOW_NEVER, LAST_NAME, Walk, parentOf, releaseWalk, root, walkPath } from "./path";
import { isRamInode, moveEntry } from "./ramfs";

const from: Walk = changetype<Walk>(memory.data(offsetof<Walk>(), 4));
const to: Walk = changetype<Walk>(memory.data(offsetof<Walk>(), 4));

/** Gives a file or directory another name, replacing what had it. */
export function renameName(base: Inode, old: usize, path: usize): i32 {
  let failed = walkPath(from, base, old, FOLLOW_NEVER);
  if (failed == 0) {
    failed = walkPath(to, base, path, FOLLOW_NEVER);
    if (failed == 0) failed = renameLast();
    releaseWalk(to);
  }
  releaseWalk(from);
  return failed;
}

function renameLast(): i32 {
  if (from.last != LAST_NAME || to.last != LAST_NAME) return -EBUSY;
  const inode = from.inode;
  if (inode === null) return -ENOENT;
  const source = from.directory!;
  const target = to.directory!;
  // The root of a mounted system is a name in the one below: it is busy, and belongs elsewhere.
  if (source.system != target.system || inode.system != source.system) return inode.covers === null ? -EXDEV : -EBUSY;
  if (!isRamInode(source)) return -EPERM;
  if (isDirectory(inode) && lies(target, inode)) return -EINVAL;
  if (!isDirectory(inode) && (to.trailing != 0 || from.trailing != 0)) return -ENOTDIR;
  const old = to.inode;
  if (old === inode) return 0;
  if (old !== null) {
    const refused = replaces(inode, old);
    if (refused != 0) return refused;
  }
  return moveEntry(source, from.name, from.length, target, to.name, to.length, inode, old);
}

/** Whether `directory` is `above` or lies below it. */
function lies(directory: Inode, above: Inode): bool {
  for (let at = directory; at !== root(); at = parentOf(at)) if (at === above) return true;
  return above === root();
}

function replaces(inode: Inode, old: Inode): i32 {
  if (isDirectory(inode)) return mayRemoveDirectory(old);
  return isDirectory(old) ? -EISDIR : 0;
}
