/** The generated file system as inodes: a root with rows and processes, directories of rows. An inode is made by lookup and goes with its last reference. */
import { ENOENT, ENOMEM, EPERM } from "@mercury/abi/metal";
import { findTask, firstTask } from "../../sched/task";
import { S_IFDIR, S_IFMT } from "../../../linux/files";
import { FileOperations, plainOperations, readDirectory } from "../file";
import { DirectoryEntry, Inode, InodeOperations, holdInode, isDirectory, newInode, nextSystem } from "../inode";
import { FIRST_CURSOR } from "../ramfs";
import { generatedOperations, initializeGenerated } from "./generated";
import { Row, RowTable, findRow, nameLength, rowAt, rowNumber } from "./rows";
import { beginText, freeText } from "./text";

/** Cursors of processes in the root: this and the pid. */
const FIRST_PID_CURSOR: u32 = 0x1000;
/** Inode number of a process's directory: the pid shifted, as its rows have numbers from 1 on. */
const PID_SHIFT: u32 = 8;

const operations: InodeOperations = changetype<InodeOperations>(memory.data(offsetof<InodeOperations>(), 4));
const directoryOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
const pidText: usize = memory.data(12);
let systemTable: RowTable = changetype<RowTable>(0);
let processTable: RowTable = changetype<RowTable>(0);

/** The root of the file system, held: rows of `system`, and of `process` in each process's directory; null: no memory. */
export function newProcRoot(system: RowTable, process: RowTable): Inode | null {
  systemTable = system;
  processTable = process;
  fillTables();
  const root = newInode(operations, directoryOperations, S_IFDIR | 0o555);
  if (root === null) return null;
  root.number = 1;
  root.system = nextSystem();
  root.links = 2;
  root.parent = root;
  root.row = changetype<usize>(system);
  return root;
}

function fillTables(): void {
  operations.lookup = lookup.index;
  operations.create = refuseCreate.index;
  operations.link = refuseLink.index;
  operations.unlink = refuseLink.index;
  operations.entry = entryAt.index;
  operations.readLink = readLink.index;
  operations.setLink = refuseResize.index;
  operations.resize = ignoreResize.index;
  operations.free = freeNothing.index;
  operations.transient = 1;
  plainOperations(directoryOperations);
  directoryOperations.read = readDirectory.index;
  directoryOperations.seekable = 1;
  initializeGenerated();
}

// @ts-ignore: decorator
@inline export function tableOf(directory: Inode): RowTable {
  return changetype<RowTable>(directory.row);
}

function isRoot(directory: Inode): bool {
  return tableOf(directory) === systemTable;
}

function lookup(directory: Inode, name: usize, length: u32): usize {
  const table = tableOf(directory);
  const index = findRow(table, name, length);
  if (index >= 0) return makeRow(directory, table, <u32>index);
  const pid = isRoot(directory) ? parsePid(name, length) : 0;
  if (pid == 0 || findTask(pid) === null) return <usize>-ENOENT;
  return makeNode(directory, S_IFDIR | 0o555, pid, pid << PID_SHIFT, changetype<usize>(processTable));
}

function makeRow(directory: Inode, table: RowTable, index: u32): usize {
  const row = rowAt(table, index);
  const pid = <u32>directory.data;
  return makeNode(directory, row.mode, pid, rowNumber(table, index, pid), row.children != 0 ? row.children : changetype<usize>(row));
}

function makeNode(parent: Inode, mode: u32, pid: u32, number: u32, row: usize): usize {
  const inode = newInode(operations, (mode & S_IFMT) == S_IFDIR ? directoryOperations : generatedOperations, mode);
  if (inode === null) return <usize>-ENOMEM;
  inode.number = number;
  inode.system = parent.system;
  inode.links = isDirectory(inode) ? 2 : 1;
  inode.parent = holdInode(parent);
  inode.row = row;
  inode.data = pid;
  return changetype<usize>(inode);
}

/** A number without leading zeros, or 0. */
function parsePid(name: usize, length: u32): u32 {
  let value: u32 = 0;
  if (length > 9 || load<u8>(name) == 0x30) return 0;
  for (let at: u32 = 0; at < length; at++) {
    const digit = <u32>load<u8>(name + at) - 0x30;
    if (digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value;
}

function entryAt(directory: Inode, from: u32, out: DirectoryEntry): i32 {
  const table = tableOf(directory);
  const index = max(from, FIRST_CURSOR) - FIRST_CURSOR;
  if (index < table.count) {
    const row = rowAt(table, index);
    out.inode = rowNumber(table, index, <u32>directory.data);
    out.mode = row.mode;
    out.name = row.name;
    out.length = nameLength(row);
    out.next = index + FIRST_CURSOR + 1;
    return 1;
  }
  return isRoot(directory) ? processEntry(from, out) : 0;
}

/** The process with the lowest pid at or after the cursor. */
function processEntry(from: u32, out: DirectoryEntry): i32 {
  const least = max(from, FIRST_PID_CURSOR + 1) - FIRST_PID_CURSOR;
  let found: u32 = 0xffff_ffff;
  let task = firstTask();
  while (task !== null) {
    if (task.pid >= least && task.pid < found) found = task.pid;
    task = task.nextTask;
  }
  if (found == 0xffff_ffff) return 0;
  out.inode = found << PID_SHIFT;
  out.mode = S_IFDIR;
  out.length = writePid(found);
  out.name = pidText + (12 - out.length);
  out.next = FIRST_PID_CURSOR + found + 1;
  return 1;
}

/** Writes a number so that it ends with `pidText`: its digits. */
function writePid(pid: u32): u32 {
  let rest = pid;
  let at: u32 = 12;
  do {
    store<u8>(pidText + --at, <u8>(0x30 + (rest % 10)));
    rest /= 10;
  } while (rest != 0);
  return 12 - at;
}

function readLink(link: Inode, buffer: usize, size: u32): i32 {
  const text = beginText();
  if (text === null) return -ENOMEM;
  const failed = call_indirect<i32>(changetype<Row>(link.row).generate, <u32>link.data);
  const bytes = min(size, text.length);
  if (failed == 0) memory.copy(buffer, text.bytes, bytes);
  freeText(text);
  return failed != 0 ? failed : <i32>bytes;
}

function refuseCreate(directory: Inode, name: usize, length: u32, mode: u32, device: u32): usize {
  return <usize>-EPERM;
}

function refuseLink(directory: Inode, name: usize, length: u32, inode: Inode): i32 {
  return -EPERM;
}

function refuseResize(inode: Inode, target: usize, length: u32): i32 {
  return -EPERM;
}

/** Opening with O_TRUNC, as a shell's redirection does, changes nothing. */
function ignoreResize(inode: Inode, length: u32): i32 {
  return 0;
}

function freeNothing(inode: Inode): void {}
