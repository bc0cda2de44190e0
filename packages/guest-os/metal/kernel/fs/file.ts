import { EBADF, EINVAL, EISDIR, ENOMEM, ENOTTY } from "@mercury/abi/metal";
import { allocate, release } from "../mm/slab";
import { Inode, holdInode, releaseInode } from "./inode";
import { O_ACCMODE, O_RDONLY, O_WRONLY, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../linux/files";

/** Function-table indices of what an open file does. Buffers are a program's or the kernel's (transfer.ts). */
// @ts-ignore: decorator
@unmanaged export class FileOperations {
  /** (file): i32; may refuse, or set file.data */
  open: u32;
  /** (file, buffer, count): i32; moves the position */
  read: u32;
  /** (file, buffer, count): i32; moves the position */
  write: u32;
  /** (file): u32; POLL* bits that hold now */
  poll: u32;
  /** (file, request, argument): i32 */
  control: u32;
  /** (file): void; the last descriptor is gone */
  close: u32;
  /** 1: has a position that lseek moves; 0: a stream (ESPIPE) */
  seekable: u32;
}

/** An open file: what open, pipe and their copies by dup and fork share. */
// @ts-ignore: decorator
@unmanaged export class File {
  operations: FileOperations;
  inode: Inode;
  /** O_ACCMODE and status flags. */
  flags: u32;
  position: u32;
  references: u32;
  /** Whatever the operations keep. */
  data: usize;
}

/** Opens an inode: a File with one reference, or a negated errno. Takes a reference to the inode. */
export function openInode(inode: Inode, flags: u32): usize {
  const address = allocate(offsetof<File>());
  if (address == 0) return <usize>-ENOMEM;
  const file = changetype<File>(address);
  file.operations = inode.files;
  file.inode = holdInode(inode);
  file.flags = flags;
  file.references = 1;
  const refused = call_indirect<i32>(file.operations.open, file);
  if (refused == 0) return address;
  releaseInode(inode);
  release(address);
  return <usize>refused;
}

export function holdFile(file: File): File {
  file.references++;
  return file;
}

/** One reference less; the last one closes. */
export function releaseFile(file: File): void {
  if (--file.references != 0) return;
  call_indirect<void>(file.operations.close, file);
  releaseInode(file.inode);
  release(changetype<usize>(file));
}

// @ts-ignore: decorator
@inline export function isReadable(file: File): bool {
  return (file.flags & O_ACCMODE) != O_WRONLY;
}

// @ts-ignore: decorator
@inline export function isWritable(file: File): bool {
  return (file.flags & O_ACCMODE) != O_RDONLY;
}

/** Reads up to `count` bytes into a program's or the kernel's memory. */
export function readFile(file: File, buffer: usize, count: u32): i32 {
  if (!isReadable(file)) return -EBADF;
  return count == 0 ? 0 : call_indirect<i32>(file.operations.read, file, buffer, count);
}

/** Writes up to `count` bytes from a program's or the kernel's memory. */
export function writeFile(file: File, buffer: usize, count: u32): i32 {
  if (!isWritable(file)) return -EBADF;
  return count == 0 ? 0 : call_indirect<i32>(file.operations.write, file, buffer, count);
}

/** What poll would say of the file now. */
export function pollFile(file: File): u32 {
  return call_indirect<u32>(file.operations.poll, file);
}

// Answers that many kinds of file share.

function openPlain(file: File): i32 {
  return 0;
}

function closePlain(file: File): void {}

/** A file that never makes anybody wait. */
function pollReady(file: File): u32 {
  return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
}

/** No terminal: what programs ask to find that out. */
export function controlNothing(file: File, request: u32, argument: usize): i32 {
  return -ENOTTY;
}

function refuseRead(file: File, buffer: usize, count: u32): i32 {
  return -EINVAL;
}

function refuseWrite(file: File, buffer: usize, count: u32): i32 {
  return -EINVAL;
}

export function readDirectory(file: File, buffer: usize, count: u32): i32 {
  return -EISDIR;
}

/** A table of operations with the shared answers where a kind of file has none of its own. */
export function plainOperations(table: FileOperations): FileOperations {
  table.open = openPlain.index;
  table.read = refuseRead.index;
  table.write = refuseWrite.index;
  table.poll = pollReady.index;
  table.control = controlNothing.index;
  table.close = closePlain.index;
  table.seekable = 0;
  return table;
}
