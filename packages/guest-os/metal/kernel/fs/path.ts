/** From a path to inodes: path_resolution(7). */
import { ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR, PAGE_SIZE } from "@mercury/abi/metal";
import { allocateFrame, linear, physical, releaseFrame } from "../mm/frames";
import { NAME_MAX, PATH_MAX, S_IFLNK, S_IFMT } from "../../linux/files";
import { Inode, holdInode, isDirectory, isError, releaseInode } from "./inode";

/** What the last component of a path is. */
export const LAST_NAME: u32 = 0;
/** "." or the root: there is no name to create or remove. */
export const LAST_HERE: u32 = 1;
export const LAST_PARENT: u32 = 2;

/** Whether a symbolic link at the end is followed: never, for names that are made or removed; where a slash comes after it; always. */
export const FOLLOW_NEVER: u32 = 0;
export const FOLLOW_SLASH: u32 = 1;
export const FOLLOW_ALWAYS: u32 = 2;

/** Symbolic links that one walk follows (linux/namei.h MAXSYMLINKS). */
const LINK_LIMIT: u32 = 40;
const SLASH: u8 = 0x2f;
const DOT: u8 = 0x2e;

/** Where a walk has come to. Both inodes are held; releaseWalk gives them and the buffer back. */
// @ts-ignore: decorator
@unmanaged export class Walk {
  /** The directory in which the last component is looked up. */
  directory: Inode | null;
  /** What the path names, or null when the last component does not exist. */
  inode: Inode | null;
  /** The last component, inside the walk's buffer; meaningful for LAST_NAME. */
  name: usize;
  length: u32;
  last: u32;
  /** The path ends in a slash: it must name a directory. */
  trailing: u32;
  /** The page with the path, and where the rest of it starts. */
  buffer: usize;
  at: usize;
  links: u32;
}

let rootInode: Inode | null = null;

/** The root of all paths. */
export function root(): Inode {
  return rootInode!;
}

export function setRoot(inode: Inode): void {
  rootInode = inode;
}

/** Gives back what a walk holds. */
export function releaseWalk(walk: Walk): void {
  const directory = walk.directory;
  const inode = walk.inode;
  if (directory !== null) releaseInode(directory);
  if (inode !== null) releaseInode(inode);
  if (walk.buffer != 0) releaseFrame(physical(walk.buffer));
  walk.directory = null;
  walk.inode = null;
  walk.buffer = 0;
}

/**
 * Walks a NUL-terminated path of the kernel's, at most PATH_MAX bytes, from `base`. A slash at the end demands a directory, but for
 * FOLLOW_NEVER, which leaves it to the caller (walk.trailing).
 * 0, also when only the last component is missing (walk.inode is then null); else a negated errno. Always to be released.
 */
export function walkPath(walk: Walk, base: Inode, path: usize, follow: u32): i32 {
  memory.fill(changetype<usize>(walk), 0, offsetof<Walk>());
  if (load<u8>(path) == 0) return -ENOENT;
  const page = allocateFrame();
  if (page == 0) return -ENOMEM;
  walk.buffer = linear(page);
  if (!copyPath(walk.buffer, path)) return -ENAMETOOLONG;
  walk.at = walk.buffer;
  walk.inode = holdInode(load<u8>(path) == SLASH ? root() : base);
  walk.last = LAST_HERE;
  skipSlashes(walk);
  while (load<u8>(walk.at) != 0) {
    const failed = step(walk, follow);
    if (failed != 0) return failed;
  }
  return 0;
}

function copyPath(to: usize, from: usize): bool {
  for (let at: u32 = 0; at < PATH_MAX; at++) {
    const byte = load<u8>(from + at);
    store<u8>(to + at, byte);
    if (byte == 0) return true;
  }
  return false;
}

function skipSlashes(walk: Walk): bool {
  const start = walk.at;
  while (load<u8>(walk.at) == SLASH) walk.at++;
  return walk.at != start;
}

/** Takes one component. */
function step(walk: Walk, follow: u32): i32 {
  const here = walk.inode;
  if (here === null) return -ENOENT;
  if (!isDirectory(here)) return -ENOTDIR;
  descendInto(walk, here);
  walk.name = walk.at;
  while (load<u8>(walk.at) != 0 && load<u8>(walk.at) != SLASH) walk.at++;
  walk.length = <u32>(walk.at - walk.name);
  if (walk.length > NAME_MAX) return -ENAMETOOLONG;
  walk.trailing = <u32>skipSlashes(walk);
  const found = component(walk, here);
  if (isError(found)) {
    const missing = <i32>found == -ENOENT && load<u8>(walk.at) == 0;
    return missing ? 0 : <i32>found;
  }
  const inode = changetype<Inode>(found);
  walk.inode = inode;
  const last = load<u8>(walk.at) == 0;
  const needed: u32 = !last ? FOLLOW_NEVER : walk.trailing != 0 ? FOLLOW_SLASH : FOLLOW_ALWAYS;
  if ((inode.mode & S_IFMT) == S_IFLNK && follow >= needed) return expand(walk, inode, here);
  const demanded = walk.trailing != 0 && (!last || follow != FOLLOW_NEVER);
  return demanded && !isDirectory(inode) ? -ENOTDIR : 0;
}

/** `here`, with its reference, becomes the walk's directory. */
function descendInto(walk: Walk, here: Inode): void {
  const above = walk.directory;
  if (above !== null) releaseInode(above);
  walk.directory = here;
  walk.inode = null;
}

/** The inode that the walk's component names in `here`, held, on top of what is mounted there; or a negated errno. */
function component(walk: Walk, here: Inode): usize {
  walk.last = LAST_HERE;
  if (walk.length == 1 && load<u8>(walk.name) == DOT) return changetype<usize>(holdInode(here));
  if (walk.length == 2 && load<u8>(walk.name) == DOT && load<u8>(walk.name + 1) == DOT) {
    walk.last = LAST_PARENT;
    return changetype<usize>(holdInode(parentOf(here)));
  }
  walk.last = LAST_NAME;
  const found = call_indirect<usize>(here.operations.lookup, here, walk.name, walk.length);
  return isError(found) ? found : changetype<usize>(topOf(changetype<Inode>(found)));
}

/** The root of what is mounted on an inode, or the inode; the reference goes along. */
function topOf(inode: Inode): Inode {
  const over = inode.mounted;
  if (over === null) return inode;
  holdInode(over);
  releaseInode(inode);
  return over;
}

/** The directory above, over the edge of a mounted file system too; the root is its own. Not held. */
export function parentOf(directory: Inode): Inode {
  if (directory === root()) return directory;
  const covered = directory.covers;
  return (covered === null ? directory : covered).parent!;
}

/** Puts a link's target in front of the rest of the path, and the walk where the target starts. */
function expand(walk: Walk, link: Inode, here: Inode): i32 {
  if (++walk.links > LINK_LIMIT) return -ELOOP;
  const page = allocateFrame();
  if (page == 0) return -ENOMEM;
  const fresh = linear(page);
  const length = call_indirect<i32>(link.operations.readLink, link, fresh, PATH_MAX - 1);
  const failed = length < 0 ? length : length == 0 ? -ENOENT : join(fresh, <u32>length, walk);
  if (failed != 0) {
    releaseFrame(page);
    return failed;
  }
  releaseFrame(physical(walk.buffer));
  walk.buffer = fresh;
  walk.at = fresh;
  releaseInode(link);
  walk.inode = holdInode(load<u8>(fresh) == SLASH ? root() : here);
  walk.last = LAST_HERE;
  skipSlashes(walk);
  return 0;
}

/** Appends the rest of the walk's path, a trailing slash included, to a target of `length` bytes. */
function join(target: usize, length: u32, walk: Walk): i32 {
  let end = target + length;
  if (walk.trailing != 0) store<u8>(end++, SLASH);
  let from = walk.at;
  while (load<u8>(from) != 0) {
    if (end >= target + PAGE_SIZE - 1) return -ENAMETOOLONG;
    store<u8>(end++, load<u8>(from++));
  }
  store<u8>(end, 0);
  return 0;
}

const single: Walk = changetype<Walk>(memory.data(offsetof<Walk>(), 4));

/** The inode that a path names, held, or a negated errno. `follow`: a symbolic link at the end is followed. */
export function lookupPath(base: Inode, path: usize, follow: bool): usize {
  const failed = walkPath(single, base, path, follow ? FOLLOW_ALWAYS : FOLLOW_SLASH);
  const inode = single.inode;
  const found: usize = failed != 0 ? <usize>failed : inode === null ? <usize>-ENOENT : changetype<usize>(holdInode(inode));
  releaseWalk(single);
  return found;
}
