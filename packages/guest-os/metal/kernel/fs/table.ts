import { EBADF, EMFILE, ENOMEM } from "@mercury/abi/metal";
import { allocate, release } from "../mm/slab";
import { File, holdFile, releaseFile } from "./file";

/** The descriptors of one task. A slot holds a File's address, its lowest bit set when exec closes it; 0: free. */
// @ts-ignore: decorator
@unmanaged export class FileTable {
  slots: usize;
  capacity: u32;
}

/** Descriptors that a task can have (RLIMIT_NOFILE). */
export const OPEN_MAX: u32 = 1024;
const FIRST_CAPACITY: u32 = 32;
const CLOSE_ON_EXEC: usize = 1;

/** An empty table, or null when there is no memory. */
export function newFileTable(): FileTable | null {
  return tableOf(FIRST_CAPACITY);
}

function tableOf(capacity: u32): FileTable | null {
  const slots = allocate(<usize>capacity << 2);
  const address = slots == 0 ? 0 : allocate(offsetof<FileTable>());
  if (address == 0) {
    release(slots);
    return null;
  }
  const table = changetype<FileTable>(address);
  table.slots = slots;
  table.capacity = capacity;
  return table;
}

// @ts-ignore: decorator
@inline export function slotOf(table: FileTable, fd: u32): usize {
  return table.slots + (<usize>fd << 2);
}

// @ts-ignore: decorator
@inline export function fileIn(slot: usize): File {
  return changetype<File>(load<usize>(slot) & ~CLOSE_ON_EXEC);
}

/** A table with the same descriptors, as fork gives to the child, or null. */
export function copyFileTable(from: FileTable): FileTable | null {
  const table = tableOf(from.capacity);
  if (table === null) return null;
  for (let fd: u32 = 0; fd < from.capacity; fd++) {
    const value = load<usize>(slotOf(from, fd));
    store<usize>(slotOf(table, fd), value);
    if (value != 0) holdFile(fileIn(slotOf(from, fd)));
  }
  return table;
}

/** Closes every descriptor and frees the table. */
export function releaseFileTable(table: FileTable): void {
  for (let fd: u32 = 0; fd < table.capacity; fd++) closeFile(table, fd);
  release(table.slots);
  release(changetype<usize>(table));
}

/** Closes the descriptors that are marked so: part of exec. */
export function closeOnExec(table: FileTable): void {
  for (let fd: u32 = 0; fd < table.capacity; fd++) if (closesOnExec(table, fd)) closeFile(table, fd);
}

/** The file of a descriptor, or null. The table keeps its reference: who sleeps while using the file takes one. */
export function fileOf(table: FileTable, fd: u32): File | null {
  if (fd >= table.capacity) return null;
  const value = load<usize>(slotOf(table, fd));
  return value == 0 ? null : changetype<File>(value & ~CLOSE_ON_EXEC);
}

/** Doubles the table until `fd` fits; false: no memory. */
function growTo(table: FileTable, fd: u32): bool {
  let capacity = table.capacity;
  while (capacity <= fd) capacity <<= 1;
  if (capacity == table.capacity) return true;
  const slots = allocate(<usize>capacity << 2);
  if (slots == 0) return false;
  memory.copy(slots, table.slots, <usize>table.capacity << 2);
  release(table.slots);
  table.slots = slots;
  table.capacity = capacity;
  return true;
}

/** Puts a file, whose reference the table takes over, into the lowest free descriptor from `lowest` on: it, -EMFILE or -ENOMEM. */
export function installFile(table: FileTable, file: File, lowest: u32, closesOnExec: bool): i32 {
  let fd = lowest;
  while (fd < table.capacity && load<usize>(slotOf(table, fd)) != 0) fd++;
  if (fd >= OPEN_MAX) return -EMFILE;
  if (!growTo(table, fd)) return -ENOMEM;
  store<usize>(slotOf(table, fd), changetype<usize>(file) | <usize>closesOnExec);
  return <i32>fd;
}

/** Puts a file, whose reference the table takes over, into this descriptor, closing what was there: it, -EBADF or -ENOMEM. */
export function replaceFile(table: FileTable, file: File, fd: u32, closesOnExec: bool): i32 {
  if (fd >= OPEN_MAX) return -EBADF;
  if (!growTo(table, fd)) return -ENOMEM;
  const old = fileOf(table, fd);
  store<usize>(slotOf(table, fd), changetype<usize>(file) | <usize>closesOnExec);
  if (old !== null) releaseFile(old);
  return <i32>fd;
}

/** Frees a descriptor: 0 or -EBADF. */
export function closeFile(table: FileTable, fd: u32): i32 {
  const file = fileOf(table, fd);
  if (file === null) return -EBADF;
  store<usize>(slotOf(table, fd), 0);
  releaseFile(file);
  return 0;
}

export function closesOnExec(table: FileTable, fd: u32): bool {
  return fileOf(table, fd) !== null && (load<usize>(slotOf(table, fd)) & CLOSE_ON_EXEC) != 0;
}

/** Marks an open descriptor. */
export function setCloseOnExec(table: FileTable, fd: u32, on: bool): void {
  const slot = slotOf(table, fd);
  store<usize>(slot, (load<usize>(slot) & ~CLOSE_ON_EXEC) | <usize>on);
}
