/** The names in a directory that lives in memory: a list in the order of creation; cursors stay valid while names come and go. */
import { allocate, release } from "../mm/slab";
import { DirectoryEntry, Inode, holdInode, releaseInode } from "./inode";

// @ts-ignore: decorator
@unmanaged class Entry {
  next: usize;
  previous: usize;
  /** Its place in the order, never reused. */
  cursor: u32;
  hash: u32;
  /** A reference of the entry's. */
  inode: Inode;
  length: u32;
}
const NAME: usize = offsetof<Entry>();

/** FNV-1a (Fowler, Noll, Vo). */
function hashOf(name: usize, length: u32): u32 {
  let hash: u32 = 0x811c_9dc5;
  for (let at: u32 = 0; at < length; at++) hash = (hash ^ load<u8>(name + at)) * 0x0100_0193;
  return hash;
}

function sameBytes(left: usize, right: usize, length: u32): bool {
  for (let at: u32 = 0; at < length; at++) if (load<u8>(left + at) != load<u8>(right + at)) return false;
  return true;
}

function find(directory: Inode, name: usize, length: u32): usize {
  const hash = hashOf(name, length);
  let at = directory.firstEntry;
  for (; at != 0; at = changetype<Entry>(at).next) {
    const entry = changetype<Entry>(at);
    if (entry.hash == hash && entry.length == length && sameBytes(at + NAME, name, length)) break;
  }
  return at;
}

/** The inode of a name, without a reference for the caller, or null. */
export function findEntry(directory: Inode, name: usize, length: u32): Inode | null {
  const at = find(directory, name, length);
  return at == 0 ? null : changetype<Entry>(at).inode;
}

/** Adds a name, which takes a reference to the inode; false: no memory. */
export function addEntry(directory: Inode, name: usize, length: u32, inode: Inode): bool {
  const at = allocate(NAME + length);
  if (at == 0) return false;
  const entry = changetype<Entry>(at);
  memory.copy(at + NAME, name, length);
  entry.length = length;
  entry.hash = hashOf(name, length);
  entry.inode = holdInode(inode);
  entry.cursor = directory.nextCursor++;
  entry.previous = directory.lastEntry;
  if (entry.previous == 0) directory.firstEntry = at;
  else changetype<Entry>(entry.previous).next = at;
  directory.lastEntry = at;
  return true;
}

/** Removes a name and its reference. */
export function removeEntry(directory: Inode, name: usize, length: u32): void {
  const at = find(directory, name, length);
  if (at == 0) return;
  const entry = changetype<Entry>(at);
  if (entry.previous == 0) directory.firstEntry = entry.next;
  else changetype<Entry>(entry.previous).next = entry.next;
  if (entry.next == 0) directory.lastEntry = entry.previous;
  else changetype<Entry>(entry.next).previous = entry.previous;
  releaseInode(entry.inode);
  release(at);
}

/** Makes an existing name stand for another inode; the reference to the one before is released. */
export function retargetEntry(directory: Inode, name: usize, length: u32, inode: Inode): void {
  const entry = changetype<Entry>(find(directory, name, length));
  const before = entry.inode;
  entry.inode = holdInode(inode);
  releaseInode(before);
}

/** The first entry at or after a cursor: 1, or 0 at the end. */
export function entryFrom(directory: Inode, from: u32, out: DirectoryEntry): i32 {
  let at = directory.firstEntry;
  while (at != 0 && changetype<Entry>(at).cursor < from) at = changetype<Entry>(at).next;
  if (at == 0) return 0;
  const entry = changetype<Entry>(at);
  out.inode = entry.inode.number;
  out.mode = entry.inode.mode;
  out.name = at + NAME;
  out.length = entry.length;
  out.next = entry.cursor + 1;
  return 1;
}
