/** The file system in memory: root, RAM disk contents and everything that programs create. */
import { ENOENT, ENOSPC, EPERM } from "@mercury/abi/metal";
import { allocate, release } from "../mm/slab";
import { S_IFCHR, S_IFDIR, S_IFIFO, S_IFMT, S_IFREG } from "../../linux/files";
import { deviceOperations } from "../dev/devices";
import { addEntry, entryFrom, findEntry, removeEntry, retargetEntry } from "./entries";
import { FileOperations, plainOperations, readDirectory } from "./file";
import { Inode, InodeOperations, holdInode, isDirectory, isRegular, newInode, nextSystem, releaseInode, touchModified } from "./inode";
import { filePageLimit } from "./pages";
import { fifoOperations, forgetPipe } from "./pipe";
import { initializeRamFiles, ramFileOperations, resizeRam } from "./ramfile";

/** Cursors of a directory's own names; "." and ".." have 0 and 1. */
export const FIRST_CURSOR: u32 = 2;

const operations: InodeOperations = changetype<InodeOperations>(memory.data(offsetof<InodeOperations>(), 4));
const directoryOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));

/** Inodes that exist: as many as there may be pages, so that empty files cannot eat the memory either. */
let inodes: u32 = 0;

/** Fills the tables of operations. */
export function initializeRamfs(): void {
  operations.lookup = lookupRam.index;
  operations.create = createRam.index;
  operations.link = linkRam.index;
  operations.unlink = unlinkRam.index;
  operations.entry = entryFrom.index;
  operations.readLink = readLinkRam.index;
  operations.setLink = setLinkRam.index;
  operations.resize = resizeRam.index;
  operations.free = freeRam.index;
  plainOperations(directoryOperations);
  directoryOperations.read = readDirectory.index;
  directoryOperations.seekable = 1;
  initializeRamFiles();
}

function filesOf(mode: u32, device: u32): FileOperations {
  const type = mode & S_IFMT;
  if (type == S_IFREG) return ramFileOperations;
  if (type == S_IFIFO) return fifoOperations;
  if (type == S_IFCHR) return deviceOperations(device);
  return directoryOperations;
}

function newRam(mode: u32, device: u32): Inode | null {
  if (inodes >= filePageLimit()) return null;
  const inode = newInode(operations, filesOf(mode, device), mode);
  if (inode === null) return null;
  inodes++;
  inode.device = device;
  inode.nextCursor = FIRST_CURSOR;
  return inode;
}

/** An empty directory that is its own parent: the root of a file system; null: no memory. */
export function newRamRoot(mode: u32): Inode | null {
  const root = newRam(S_IFDIR | mode, 0);
  if (root !== null) {
    root.system = nextSystem();
    root.links = 2;
    root.parent = root;
  }
  return root;
}

function lookupRam(directory: Inode, name: usize, length: u32): usize {
  const inode = findEntry(directory, name, length);
  return inode === null ? <usize>-ENOENT : changetype<usize>(holdInode(inode));
}

function createRam(directory: Inode, name: usize, length: u32, mode: u32, device: u32): usize {
  // A directory that was removed while somebody stood in it takes no new names.
  if (directory.links == 0) return <usize>-ENOENT;
  const inode = newRam(mode, device);
  if (inode === null) return <usize>-ENOSPC;
  if (!addEntry(directory, name, length, inode)) {
    freeRam(inode);
    release(changetype<usize>(inode));
    return <usize>-ENOSPC;
  }
  inode.system = directory.system;
  inode.links = 1;
  inode.parent = holdInode(directory);
  if (isDirectory(inode)) {
    inode.links = 2;
    directory.links++;
  }
  touchModified(directory);
  return changetype<usize>(inode);
}

/** The newest name of an inode is in `directory`. */
function moveTo(directory: Inode, inode: Inode): void {
  const before = inode.parent;
  if (before === directory) return;
  inode.parent = holdInode(directory);
  if (before !== null) releaseInode(before);
}

function linkRam(directory: Inode, name: usize, length: u32, inode: Inode): i32 {
  if (directory.links == 0) return -ENOENT;
  if (isDirectory(inode)) return -EPERM;
  if (!addEntry(directory, name, length, inode)) return -ENOSPC;
  inode.links++;
  moveTo(directory, inode);
  touchModified(directory);
  return 0;
}

function unlinkRam(directory: Inode, name: usize, length: u32, inode: Inode): i32 {
  uncount(directory, inode);
  removeEntry(directory, name, length);
  touchModified(directory);
  return 0;
}

function readLinkRam(link: Inode, buffer: usize, size: u32): i32 {
  const bytes = min(size, link.size);
  memory.copy(buffer, link.data, bytes);
  return <i32>bytes;
}

function setLinkRam(link: Inode, target: usize, length: u32): i32 {
  const copy = allocate(length + 1);
  if (copy == 0) return -ENOSPC;
  memory.copy(copy, target, length);
  link.data = copy;
  link.size = length;
  return 0;
}

function freeRam(inode: Inode): void {
  const type = inode.mode & S_IFMT;
  if (isRegular(inode)) resizeRam(inode, 0);
  else if (type == S_IFIFO) forgetPipe(inode);
  else release(inode.data);
  inodes--;
}

/** Takes away what a name counted for its inode. */
function uncount(directory: Inode, inode: Inode): void {
  if (isDirectory(inode)) {
    inode.links = 0;
    directory.links--;
  } else inode.links--;
}

/** rename: the old name goes, the new one names `inode`, instead of `old` where there was one. Nothing is changed when it fails. */
export function moveEntry(from: Inode, name: usize, length: u32, to: Inode, newName: usize, newLength: u32, inode: Inode, old: Inode | null): i32 {
  if (to.links == 0) return -ENOENT;
  if (old !== null) {
    uncount(to, old);
    retargetEntry(to, newName, newLength, inode);
  } else if (!addEntry(to, newName, newLength, inode)) return -ENOSPC;
  removeEntry(from, name, length);
  touchModified(from);
  touchModified(to);
  if (isDirectory(inode) && from !== to) {
    from.links--;
    to.links++;
  }
  moveTo(to, inode);
  return 0;
}

/** Whether an inode is one of this file system. */
export function isRamInode(inode: Inode): bool {
  return inode.operations === operations;
}
