/** Making and removing names: mkdir, mknod, symlink, link, unlink, rmdir. Paths are in the kernel's memory. */
import { EBUSY, EEXIST, EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR, ENOTEMPTY, EPERM, EXDEV } from "@mercury/abi/metal";
import { PATH_MAX, S_IFDIR, S_IFLNK, S_IFMT } from "../../linux/files";
import { DirectoryEntry, Inode, isDirectory, isError, releaseInode } from "./inode";
import { FOLLOW_NEVER, LAST_HERE, LAST_NAME, LAST_PARENT, Walk, lookupPath, releaseWalk, root, walkPath } from "./path";

const walk: Walk = changetype<Walk>(memory.data(offsetof<Walk>(), 4));

/** Creates a name that must be free: its inode, held, or a negated errno. `mode` has the file type. */
export function makeNode(base: Inode, path: usize, mode: u32, device: u32): usize {
  const failed = walkPath(walk, base, path, FOLLOW_NEVER);
  const made = failed != 0 ? <usize>failed : makeLast(mode, device);
  releaseWalk(walk);
  return made;
}

function makeLast(mode: u32, device: u32): usize {
  if (walk.inode !== null || walk.last != LAST_NAME) return <usize>-EEXIST;
  if (walk.trailing != 0 && (mode & S_IFMT) != S_IFDIR) return <usize>-ENOENT;
  const directory = walk.directory!;
  return call_indirect<usize>(directory.operations.create, directory, walk.name, walk.length, mode, device);
}

/** As makeNode, for callers that do not need the inode: 0 or a negated errno. */
export function makeName(base: Inode, path: usize, mode: u32, device: u32): i32 {
  const made = makeNode(base, path, mode, device);
  if (isError(made)) return <i32>made;
  releaseInode(changetype<Inode>(made));
  return 0;
}

/** Creates a symbolic link with `length` bytes of target. */
export function makeLink(base: Inode, path: usize, target: usize, length: u32): i32 {
  if (length == 0) return -ENOENT;
  if (length >= PATH_MAX) return -ENAMETOOLONG;
  const made = makeNode(base, path, S_IFLNK | 0o777, 0);
  if (isError(made)) return <i32>made;
  const link = changetype<Inode>(made);
  const failed = call_indirect<i32>(link.operations.setLink, link, target, length);
  releaseInode(link);
  if (failed != 0) removeName(base, path, false);
  return failed;
}

/** A further name for the file that `old` names; a symbolic link is not followed. */
export function linkName(base: Inode, old: usize, path: usize): i32 {
  const found = lookupPath(base, old, false);
  if (isError(found)) return <i32>found;
  const inode = changetype<Inode>(found);
  let failed = isDirectory(inode) ? -EPERM : walkPath(walk, base, path, FOLLOW_NEVER);
  if (!isDirectory(inode)) {
    if (failed == 0) failed = linkLast(inode);
    releaseWalk(walk);
  }
  releaseInode(inode);
  return failed;
}

function linkLast(inode: Inode): i32 {
  if (walk.inode !== null || walk.last != LAST_NAME) return -EEXIST;
  if (walk.trailing != 0) return -ENOENT;
  const directory = walk.directory!;
  if (directory.system != inode.system) return -EXDEV;
  return call_indirect<i32>(directory.operations.link, directory, walk.name, walk.length, inode);
}

/** Removes a name: of an empty directory (rmdir), or of anything else (unlink). */
export function removeName(base: Inode, path: usize, directory: bool): i32 {
  const walked = walkPath(walk, base, path, FOLLOW_NEVER);
  const failed = walked != 0 ? walked : removeLast(directory);
  releaseWalk(walk);
  return failed;
}

function removeLast(wantsDirectory: bool): i32 {
  if (walk.last == LAST_HERE) return wantsDirectory ? (walk.inode === root() ? -EBUSY : -EINVAL) : -EISDIR;
  if (walk.last == LAST_PARENT) return wantsDirectory ? -ENOTEMPTY : -EISDIR;
  const inode = walk.inode;
  if (inode === null) return -ENOENT;
  if (wantsDirectory) {
    const refused = mayRemoveDirectory(inode);
    if (refused != 0) return refused;
  } else if (isDirectory(inode)) return -EISDIR;
  else if (walk.trailing != 0) return -ENOTDIR;
  const directory = walk.directory!;
  return call_indirect<i32>(directory.operations.unlink, directory, walk.name, walk.length, inode);
}

const probe: DirectoryEntry = changetype<DirectoryEntry>(memory.data(offsetof<DirectoryEntry>(), 4));

/** Whether a directory can go: empty, and no edge of a mounted file system. */
export function mayRemoveDirectory(inode: Inode): i32 {
  if (!isDirectory(inode)) return -ENOTDIR;
  if (inode.covers !== null || inode.mounted !== null) return -EBUSY;
  return call_indirect<i32>(inode.operations.entry, inode, 0, probe) == 0 ? 0 : -ENOTEMPTY;
}
