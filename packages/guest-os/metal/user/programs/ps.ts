/** ps: every process, from /proc/PID/stat (proc(5): pid (name) state ppid pgrp session ... utime stime ...). */
import { cstr } from "@mercury/toolchain/metal";
import { O_RDONLY, PATH_MAX } from "../../linux/files";
import { Arguments } from "../lib/args";
import { complain } from "../lib/errors";
import { Directory, directoryBytes, openDirectory } from "../lib/files";
import { allocate } from "../lib/heap";
import { put, putByte, putLine, putPadded } from "../lib/print";
import { close, open, read } from "../lib/syscall";
import { copy, findLast, isDigit, toNumber } from "../lib/text";

const bufferSize: u32 = 1024;
const buffer: usize = memory.data(1024);

export function ps(list: Arguments): i32 {
  const directory = changetype<Directory>(allocate(directoryBytes));
  const result = openDirectory(directory, cstr`/proc`);
  if (result < 0) return complain(cstr`ps`, cstr`/proc`, result);
  putLine(cstr`  PID  PPID  PGRP S COMMAND`);
  for (let name = directory.next(); name != 0; name = directory.next()) {
    if (isDigit(load<u8>(name))) showProcess(name);
  }
  close(directory.fd);
  return 0;
}

/** A process that ends meanwhile is left out. */
function showProcess(pid: usize): void {
  const path = allocate(PATH_MAX);
  const count = readFile(copyPath(path, pid, cstr`/stat`));
  if (count <= 0) return;
  store<u8>(buffer + count, 0);
  const nameEnd = findLast(buffer, 0x29);
  if (nameEnd == 0) return;
  let nameStart = buffer;
  while (load<u8>(nameStart) != 0x28 && nameStart < nameEnd) nameStart++;
  const state = nameEnd + 2;
  const parent = state + 2;
  let group = parent;
  while (load<u8>(group) != 0x20 && load<u8>(group) != 0) group++;
  putPadded(toNumber(pid), 5);
  putByte(0x20);
  putPadded(toNumber(parent), 5);
  putByte(0x20);
  putPadded(toNumber(group + 1), 5);
  putByte(0x20);
  putByte(load<u8>(state));
  putByte(0x20);
  putCommand(path, pid, nameStart, nameEnd);
}

/** The command line with blanks for its NULs; kernel tasks and zombies have none, so their name in brackets. */
function putCommand(path: usize, pid: usize, nameStart: usize, nameEnd: usize): void {
  const nameLength = <u32>(nameEnd - nameStart - 1);
  const name = allocate(nameLength + 1);
  memory.copy(name, nameStart + 1, nameLength);
  const count = readFile(copyPath(path, pid, cstr`/cmdline`));
  if (count <= 0) {
    putByte(0x5b);
    put(name);
    putByte(0x5d);
  }
  for (let index: i32 = 0; index < count - 1; index++) {
    const byte = load<u8>(buffer + index);
    putByte(byte == 0 ? 0x20 : byte);
  }
  putByte(0x0a);
}

function copyPath(path: usize, pid: usize, file: usize): usize {
  copy(copy(copy(path, cstr`/proc/`), pid), file);
  return path;
}

function readFile(path: usize): i32 {
  const fd = open(path, O_RDONLY, 0);
  if (fd < 0) return fd;
  const count = read(fd, buffer, bufferSize - 1);
  close(fd);
  return count;
}
