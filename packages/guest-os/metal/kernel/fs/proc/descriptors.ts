/** /proc/PID/fd: a link for each descriptor of a process, to where its file is. Opening one opens that path anew. */
import { ENOENT, ESRCH } from "@mercury/abi/metal";
import { Task, findTask } from "../../sched/task";
import { S_IFLNK } from "../../../linux/files";
import { File, isReadable, isWritable } from "../file";
import { DirectoryEntry, Inode } from "../inode";
import { fileOf } from "../table";
import { NO_NUMBER, parseName, writeName, writtenName } from "./numbers";
import { putPath } from "./paths";
import { FIRST_LISTED, Row, RowTable } from "./rows";
import { makeNode } from "./tree";

/** Descriptors are below 1,024 (fs/table.ts: OPEN_MAX); a link's data is the pid, shifted, and the descriptor. */
const FD_SHIFT: u32 = 10;
const FD_MASK: u32 = (1 << FD_SHIFT) - 1;
/** Set in the inode numbers of these links, which a process's rows do not have. */
const LINK_NUMBERS: u32 = 0x8000_0000;

const link: Row = changetype<Row>(memory.data(offsetof<Row>(), 4));

/** Makes `table` that of the directories of descriptors. */
export function fillDescriptors(table: RowTable): void {
  link.generate = target.index;
  table.find = find.index;
  table.list = list.index;
}

function fileIn(task: Task | null, fd: u32): File | null {
  if (task === null) return null;
  const files = task.files;
  if (files === null) return null;
  return fileOf(files, fd);
}

/** A link's bits say for what its file was opened (proc(5)). */
function modeOf(file: File): u32 {
  return S_IFLNK | 0o100 | (isReadable(file) ? 0o400 : 0) | (isWritable(file) ? 0o200 : 0);
}

function find(directory: Inode, name: usize, length: u32): usize {
  const pid = <u32>directory.data;
  const fd = parseName(name, length);
  if (fd == NO_NUMBER) return <usize>-ENOENT;
  const file = fileIn(findTask(pid), fd);
  if (file === null) return <usize>-ENOENT;
  const data = (pid << FD_SHIFT) | fd;
  return makeNode(directory, modeOf(file), data, LINK_NUMBERS | data, changetype<usize>(link));
}

/** The lowest descriptor in use at or after the cursor. */
function list(directory: Inode, from: u32, out: DirectoryEntry): i32 {
  const pid = <u32>directory.data;
  const task = findTask(pid);
  for (let fd = max(from, FIRST_LISTED) - FIRST_LISTED; fd <= FD_MASK; fd++) {
    const file = fileIn(task, fd);
    if (file === null) continue;
    out.inode = LINK_NUMBERS | (pid << FD_SHIFT) | fd;
    out.mode = modeOf(file);
    out.length = writeName(fd);
    out.name = writtenName();
    out.next = FIRST_LISTED + fd + 1;
    return 1;
  }
  return 0;
}

/** Text of a link. */
function target(data: u32): i32 {
  const task = findTask(data >> FD_SHIFT);
  if (task === null) return -ESRCH;
  const file = fileIn(task, data & FD_MASK);
  if (file === null) return -ENOENT;
  putPath(file.inode);
  return 0;
}
