/** Regular files in memory: reading, writing and resizing over the page tree. */
import { EFBIG, EINVAL, ENOSPC, PAGE_SIZE } from "@mercury/abi/metal";
import { linear } from "../mm/frames";
import { O_APPEND } from "../../linux/files";
import { File, FileOperations, plainOperations } from "./file";
import { Inode, MAXIMUM_SIZE, touchAccessed, touchModified } from "./inode";
import { PAGE_BITS, clearTail, dropPages, ensurePage, pageAt } from "./pages";
import { giveBytes, giveZeros, takeBytes } from "./transfer";

export const ramFileOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));

export function initializeRamFiles(): void {
  plainOperations(ramFileOperations);
  ramFileOperations.read = readRam.index;
  ramFileOperations.write = writeRam.index;
  ramFileOperations.seekable = 1;
}

/** Reads at an offset without moving any position: bytes read, 0 at the end, or a negated errno. */
export function readInode(inode: Inode, offset: u32, buffer: usize, count: u32): i32 {
  if (offset >= inode.size) return 0;
  const bytes = min(count, inode.size - offset);
  let done: u32 = 0;
  while (done < bytes) {
    const at = offset + done;
    const within = at & (PAGE_SIZE - 1);
    const part = min<u32>(bytes - done, PAGE_SIZE - within);
    const page = pageAt(inode, at >> PAGE_BITS);
    const failed = page == 0 ? giveZeros(buffer + done, part) : giveBytes(buffer + done, linear(page) + within, part);
    if (failed != 0) return done != 0 ? <i32>done : failed;
    done += part;
  }
  touchAccessed(inode);
  return <i32>bytes;
}

/** Writes at an offset, growing the file: bytes written (fewer when space runs out), or a negated errno. */
export function writeInode(inode: Inode, offset: u32, buffer: usize, count: u32): i32 {
  if (offset >= MAXIMUM_SIZE) return -EFBIG;
  const bytes = min(count, MAXIMUM_SIZE - offset);
  let done: u32 = 0;
  let failed: i32 = 0;
  while (done < bytes && failed == 0) {
    const at = offset + done;
    const within = at & (PAGE_SIZE - 1);
    const part = min<u32>(bytes - done, PAGE_SIZE - within);
    const page = ensurePage(inode, at >> PAGE_BITS);
    failed = page == 0 ? -ENOSPC : takeBytes(linear(page) + within, buffer + done, part);
    if (failed == 0) done += part;
  }
  if (done == 0) return failed;
  if (offset + done > inode.size) inode.size = offset + done;
  touchModified(inode);
  return <i32>done;
}

function readRam(file: File, buffer: usize, count: u32): i32 {
  const done = readInode(file.inode, file.position, buffer, count);
  if (done > 0) file.position += <u32>done;
  return done;
}

function writeRam(file: File, buffer: usize, count: u32): i32 {
  if ((file.flags & O_APPEND) != 0) file.position = file.inode.size;
  const done = writeInode(file.inode, file.position, buffer, count);
  if (done > 0) file.position += <u32>done;
  return done;
}

/** Cuts or extends (by a hole) a regular file. */
export function resizeRam(inode: Inode, length: u32): i32 {
  if (length > MAXIMUM_SIZE) return -EINVAL;
  if (length < inode.size) {
    dropPages(inode, (length + PAGE_SIZE - 1) >> PAGE_BITS);
    clearTail(inode, length);
  }
  inode.size = length;
  touchModified(inode);
  return 0;
}
