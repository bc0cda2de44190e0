/** The current directory: its path, and what fork and exit do with it. */
import { ENOENT, ERANGE } from "@mercury/abi/metal";
import { Task, current } from "../sched/task";
import { DirectoryEntry, Inode, holdInode, releaseInode } from "./inode";
import { parentOf, root } from "./path";

const SLASH: u8 = 0x2f;
const entry: DirectoryEntry = changetype<DirectoryEntry>(memory.data(offsetof<DirectoryEntry>(), 4));

/** The directory from which the current task's relative paths go. */
export function workingDirectory(): Inode {
  const directory = current().directory;
  return directory === null ? root() : directory;
}

/** Makes a directory, with a reference of its own, the current one. */
export function setWorkingDirectory(task: Task, directory: Inode): void {
  const old = task.directory;
  task.directory = holdInode(directory);
  if (old !== null) releaseInode(old);
}

/**
 * Writes the absolute path of an inode that has a parent so that it ends, with its NUL, at `end`: where it starts, or a negated errno: -ERANGE below
 * `start`, -ENOENT when the name is gone.
 */
export function pathOf(named: Inode, start: usize, end: usize): usize {
  let at = end;
  store<u8>(--at, 0);
  let inode = named;
  while (inode !== root()) {
    const parent = parentOf(inode);
    if (!findName(parent, inode.covers === null ? inode : inode.covers!)) return <usize>-ENOENT;
    if (at - start < <usize>entry.length + 1) return <usize>-ERANGE;
    at -= entry.length;
    memory.copy(at, entry.name, entry.length);
    store<u8>(--at, SLASH);
    inode = parent;
  }
  if (load<u8>(at) == 0) store<u8>(--at, SLASH);
  return at;
}

/** Finds the entry of `inode` in its parent; a removed directory has none. */
function findName(parent: Inode, inode: Inode): bool {
  let cursor: u32 = 0;
  while (call_indirect<i32>(parent.operations.entry, parent, cursor, entry) == 1) {
    if (entry.inode == inode.number) return true;
    cursor = entry.next;
  }
  return false;
}
