/** The generated file system as inodes: directories of rows, and of what their tables find. An inode is made by lookup and goes with its last reference. */
import { ENOENT, ENOMEM, EPERM } from "@mercury/abi/metal";
import { S_IFDIR, S_IFMT } from "../../../linux/files";
import { FileOperations, plainOperations, readDirectory } from "../file";
import { DirectoryEntry, Inode, InodeOperations, holdInode, isDirectory, newInode, nextSystem } from "../inode";
import { FIRST_CURSOR } from "../ramfs";
import { generatedOperations, initializeGenerated } from "./generated";
import { Row, RowTable, findRow, nameLength, rowAt, rowNumber } from "./rows";
import { beginText, freeText } from "./text";

const operations: InodeOperations = changetype<InodeOperations>(memory.data(offsetof<InodeOperations>(), 4));
const directoryOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));

/** The root of the file system, held, which shows `table`; null: no memory. */
export function newProcRoot(table: RowTable): Inode | null {
  fillTables();
  const root = newInode(operations, directoryOperations, S_IFDIR | 0o555);
  if (root === null) return null;
  root.number = 1;
  root.system = nextSystem();
  root.links = 2;
  root.parent = root;
  root.row = changetype<usize>(table);
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

function lookup(directory: Inode, name: usize, length: u32): usize {
  const table = tableOf(directory);
  const index = findRow(table, name, length);
  if (index >= 0) return makeRow(directory, table, <u32>index);
  return table.find == 0 ? <usize>-ENOENT : call_indirect<usize>(table.find, directory, name, length);
}

function makeRow(directory: Inode, table: RowTable, index: u32): usize {
  const row = rowAt(table, index);
  const pid = <u32>directory.data;
  return makeNode(directory, row.mode, pid, rowNumber(table, index, pid), row.children != 0 ? row.children : changetype<usize>(row));
}

/** An inode of a directory, held: `row` is a Row, or a directory's RowTable, and `data` what its functions get. Or -ENOMEM. */
export function makeNode(parent: Inode, mode: u32, data: u32, number: u32, row: usize): usize {
  const inode = newInode(operations, (mode & S_IFMT) == S_IFDIR ? directoryOperations : generatedOperations, mode);
  if (inode === null) return <usize>-ENOMEM;
  inode.number = number;
  inode.system = parent.system;
  inode.links = isDirectory(inode) ? 2 : 1;
  inode.parent = holdInode(parent);
  inode.row = row;
  inode.data = data;
  return changetype<usize>(inode);
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
  return table.list == 0 ? 0 : call_indirect<i32>(table.list, directory, from, out);
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
