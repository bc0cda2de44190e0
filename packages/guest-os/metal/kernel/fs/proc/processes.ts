/** The names of processes in the root of /proc. */
import { ENOENT } from "@mercury/abi/metal";
import { findTask, firstTask } from "../../sched/task";
import { S_IFDIR } from "../../../linux/files";
import { DirectoryEntry, Inode } from "../inode";
import { parseName, writeName, writtenName } from "./numbers";
import { FIRST_LISTED, RowTable } from "./rows";
import { makeNode } from "./tree";

/** Inode number of a process's directory: the pid shifted, as its rows have numbers from 1 on. */
const PID_SHIFT: u32 = 8;
const NONE: u32 = 0xffff_ffff;

let shown: RowTable = changetype<RowTable>(0);

/** Adds a directory for each process to `root`, which shows `process`. */
export function addProcesses(root: RowTable, process: RowTable): void {
  shown = process;
  root.find = findProcess.index;
  root.list = listProcess.index;
}

function findProcess(directory: Inode, name: usize, length: u32): usize {
  const pid = parseName(name, length);
  // The idle task is no process.
  if (pid == 0 || findTask(pid) === null) return <usize>-ENOENT;
  return makeNode(directory, S_IFDIR | 0o555, pid, pid << PID_SHIFT, changetype<usize>(shown));
}

/** The process with the lowest pid at or after the cursor. */
function listProcess(directory: Inode, from: u32, out: DirectoryEntry): i32 {
  const least = max(from, FIRST_LISTED + 1) - FIRST_LISTED;
  let found = NONE;
  let task = firstTask();
  while (task !== null) {
    if (task.pid >= least && task.pid < found) found = task.pid;
    task = task.nextTask;
  }
  if (found == NONE) return 0;
  out.inode = found << PID_SHIFT;
  out.mode = S_IFDIR;
  out.length = writeName(found);
  out.name = writtenName();
  out.next = FIRST_LISTED + found + 1;
  return 1;
}
