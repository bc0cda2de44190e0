import { bootSeconds, now } from "../sched/clock";
import { allocate, release } from "../mm/slab";
import { S_IFDIR, S_IFMT, S_IFREG } from "../../linux/files";
import { FileOperations } from "./file";
import { pageAt } from "./pages";

/**
 * Function-table indices of what a file system does with its inodes. A `name` is `length` bytes without an end mark, and never "." or "..";
 * a result of type usize is an inode with one reference for the caller, or a negated errno (isError).
 */
// @ts-ignore: decorator
@unmanaged export class InodeOperations {
  /** (directory, name, length): usize */
  lookup: u32;
  /** (directory, name, length, mode with file type, device): usize; the name is known to be free */
  create: u32;
  /** (directory, name, length, inode): i32; a further name, known to be free */
  link: u32;
  /** (directory, name, length, inode): i32; removes a name; the caller has checked type and emptiness */
  unlink: u32;
  /** (directory, from: u32, out: DirectoryEntry): i32; the first entry at or after cursor `from`: 1, or 0 at the end */
  entry: u32;
  /** (link, buffer, size): i32; the target's bytes, cut to size */
  readLink: u32;
  /** (link, target, length): i32 */
  setLink: u32;
  /** (file, length): i32 */
  resize: u32;
  /** (inode): void; the last reference is gone, and no name is left */
  free: u32;
  /** 1: inodes are made by lookup and go with their last reference, whatever names they have. */
  transient: u32;
}

/** Something that a path can name. `parent` is the directory of its name, of the newest one where there are several, and holds a reference; a nameless pipe has none. */
// @ts-ignore: decorator
@unmanaged export class Inode {
  operations: InodeOperations;
  /** What open gives to a file of this inode. */
  files: FileOperations;
  number: u32;
  /** The file system's number, which stat shows as the device: names are linked and moved inside one only. */
  system: u32;
  /** File type and permission bits, as stat shows them. */
  mode: u32;
  /** Names; a directory also counts itself and its subdirectories. */
  links: u32;
  references: u32;
  /** Bytes, at most MAXIMUM_SIZE. */
  size: u32;
  /** Number of a device file. */
  device: u32;
  /** Page tree of a regular file (pages.ts). */
  pages: usize;
  height: u32;
  pageCount: u32;
  parent: Inode | null;
  /** On a directory that another file system covers: that system's root. On such a root: the covered directory. */
  mounted: Inode | null;
  covers: Inode | null;
  /** Directory: first and last entry, and the next entry's cursor. */
  firstEntry: usize;
  lastEntry: usize;
  nextCursor: u32;
  /** Whatever the file system keeps: a link's target, a pipe, a pid. */
  data: usize;
  /** A generated file or directory: the row of the table that describes it. */
  row: usize;
  /** Nanoseconds since 1970. */
  accessTime: u64;
  modifyTime: u64;
  changeTime: u64;
}

/** One directory entry as getdents shows it. */
// @ts-ignore: decorator
@unmanaged export class DirectoryEntry {
  inode: u32;
  mode: u32;
  name: usize;
  length: u32;
  /** Cursor after this entry. */
  next: u32;
}

/** Largest file: offsets are signed 32-bit numbers for programs without large-file support. */
export const MAXIMUM_SIZE: u32 = 0x7fff_ffff;

/** The file system that nameless pipes are in. Major 0, as everywhere: what lies in memory has no device. */
export const PIPE_SYSTEM: u32 = 1;

let lastNumber: u32 = 0;
let lastSystem: u32 = PIPE_SYSTEM;

/** A number for a file system that is being mounted. */
export function nextSystem(): u32 {
  return ++lastSystem;
}

/** Whether a result that is an address or a negated errno is the latter (no object lies in the last page of the address space). */
// @ts-ignore: decorator
@inline export function isError(result: usize): bool {
  return <u32>result > 0xffff_f000;
}

/** A fresh inode number; file systems with a fixed numbering do not use it. */
function nextInodeNumber(): u32 {
  return ++lastNumber;
}

/** A new inode with one reference and no name, or null. */
export function newInode(operations: InodeOperations, files: FileOperations, mode: u32): Inode | null {
  const address = allocate(offsetof<Inode>());
  if (address == 0) return null;
  const inode = changetype<Inode>(address);
  inode.operations = operations;
  inode.files = files;
  inode.mode = mode;
  inode.references = 1;
  inode.number = nextInodeNumber();
  inode.accessTime = inode.modifyTime = inode.changeTime = wallTime();
  return inode;
}

/** One more reference; the inode itself. */
export function holdInode(inode: Inode): Inode {
  inode.references++;
  return inode;
}

/** One reference less; an inode without references and names is freed. */
export function releaseInode(inode: Inode): void {
  if (--inode.references != 0) return;
  if (inode.links != 0 && inode.operations.transient == 0) return;
  const parent = inode.parent;
  call_indirect<void>(inode.operations.free, inode);
  release(changetype<usize>(inode));
  if (parent !== null) releaseInode(parent);
}

// @ts-ignore: decorator
@inline export function isDirectory(inode: Inode): bool {
  return (inode.mode & S_IFMT) == S_IFDIR;
}

// @ts-ignore: decorator
@inline export function isRegular(inode: Inode): bool {
  return (inode.mode & S_IFMT) == S_IFREG;
}

/** Physical address of page `index` of a regular file; 0: a hole. Whoever maps the frame holds it. */
export function pageOf(inode: Inode, index: u32): usize {
  return isRegular(inode) ? pageAt(inode, index) : 0;
}

/** Nanoseconds since 1970, UTC. */
export function wallTime(): u64 {
  return <u64>bootSeconds() * 1_000_000_000 + now();
}

/** The contents changed. */
export function touchModified(inode: Inode): void {
  inode.modifyTime = inode.changeTime = wallTime();
}

/** The contents were read. As Linux's relatime: noted once after each change, as reading should not write. */
export function touchAccessed(inode: Inode): void {
  if (inode.accessTime <= inode.modifyTime) inode.accessTime = wallTime();
}
