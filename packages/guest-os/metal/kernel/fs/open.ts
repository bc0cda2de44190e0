/** open(2), as the kernel itself calls it too: the path is in the kernel's memory. */
import { EEXIST, EISDIR, ELOOP, EINVAL, ENOENT, ENOTDIR } from "@mercury/abi/metal";
import {
  O_ACCMODE, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_RDONLY, O_TRUNC, S_IALLUGO, S_IFLNK, S_IFMT, S_IFREG,
} from "../../linux/files";
import { File, openInode } from "./file";
import { Inode, isDirectory, isError, isRegular, releaseInode } from "./inode";
import { FOLLOW_ALWAYS, FOLLOW_SLASH, LAST_NAME, Walk, releaseWalk, walkPath } from "./path";

const walk: Walk = changetype<Walk>(memory.data(offsetof<Walk>(), 4));

/** Flags that only open looks at: F_GETFL does not show them. */
const OPEN_ONLY: u32 = O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW;

/** Opens, and creates where flags say so (`mode` without the mask): a File with one reference, or a negated errno. */
export function openPath(base: Inode, path: usize, flags: u32, mode: u32): usize {
  if ((flags & O_ACCMODE) == O_ACCMODE) return <usize>-EINVAL;
  const found = inodeToOpen(base, path, flags, mode);
  if (isError(found)) return found;
  const inode = changetype<Inode>(found);
  const refused = mayOpen(inode, flags);
  // Opening a FIFO or a terminal looks at O_NONBLOCK and O_NOCTTY.
  const file = refused != 0 ? <usize>refused : openInode(inode, flags);
  if (!isError(file)) {
    changetype<File>(file).flags = flags & ~OPEN_ONLY;
    if ((flags & O_TRUNC) != 0 && isRegular(inode)) call_indirect<i32>(inode.operations.resize, inode, 0);
  }
  releaseInode(inode);
  return file;
}

/** The inode of the path, held; a new regular file where it is missing and O_CREAT is set. */
function inodeToOpen(base: Inode, path: usize, flags: u32, mode: u32): usize {
  const exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  const follow = (flags & O_NOFOLLOW) == 0 && !exclusive ? FOLLOW_ALWAYS : FOLLOW_SLASH;
  const failed = walkPath(walk, base, path, follow);
  const found = failed != 0 ? <usize>failed : existingOrNew(flags, mode, exclusive);
  releaseWalk(walk);
  return found;
}

function existingOrNew(flags: u32, mode: u32, exclusive: bool): usize {
  const inode = walk.inode;
  if (inode !== null) {
    if (exclusive) return <usize>-EEXIST;
    // The walk's reference goes to the caller.
    walk.inode = null;
    return changetype<usize>(inode);
  }
  if ((flags & O_CREAT) == 0 || walk.last != LAST_NAME) return <usize>-ENOENT;
  if (walk.trailing != 0) return <usize>-EISDIR;
  const directory = walk.directory!;
  return call_indirect<usize>(directory.operations.create, directory, walk.name, walk.length, S_IFREG | (mode & S_IALLUGO), 0);
}

function mayOpen(inode: Inode, flags: u32): i32 {
  if ((inode.mode & S_IFMT) == S_IFLNK) return -ELOOP;
  if (!isDirectory(inode)) return (flags & O_DIRECTORY) != 0 ? -ENOTDIR : 0;
  const changes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
  return changes ? -EISDIR : 0;
}
