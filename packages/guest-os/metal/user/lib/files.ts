/** What several programs do with files. */
import { cstr } from "@mercury/toolchain/metal";
import { DIRENT_LENGTH, DIRENT_NAME, O_DIRECTORY, O_RDONLY, PATH_MAX, S_IFDIR, S_IFMT, Stat64 } from "../../linux/files";
import { complain } from "./errors";
import { writeAll } from "./print";
import { close, open, read, readDirectory, status } from "./syscall";
import { copy, equal, findLast, length } from "./text";

const transfer: usize = memory.data(16384);
export const transferSize: u32 = 16384;
const probe: usize = memory.data(96);

export function isDirectory(path: usize): bool {
  return status(path, probe) == 0 && (changetype<Stat64>(probe).mode & S_IFMT) == S_IFDIR;
}

/** The part after the last slash. */
export function baseName(path: usize): usize {
  const slash = findLast(path, 0x2f);
  return slash == 0 || load<u8>(slash + 1) == 0 ? path : slash + 1;
}

/** `directory/name` into `to`, which has PATH_MAX bytes; 0 when it does not fit. */
export function joinPath(to: usize, directory: usize, name: usize): bool {
  if (length(directory) + length(name) + 2 > PATH_MAX) return false;
  let end = copy(to, directory);
  if (end > to && load<u8>(end - 1) != 0x2f) store<u8>(end++, 0x2f);
  copy(end, name);
  return true;
}

/** Copies everything from one descriptor to another; 0 or a negated errno. */
export function pour(from: i32, to: i32): i32 {
  while (true) {
    const count = read(from, transfer, transferSize);
    if (count <= 0) return count;
    const result = writeAll(to, transfer, count);
    if (result != 0) return result;
  }
}

/** Opens an operand for reading: `-` is standard input. Complains and gives a negative number when it cannot. */
export function openOperand(program: usize, path: usize): i32 {
  if (equal(path, cstr`-`)) return 0;
  const fd = open(path, O_RDONLY, 0);
  if (fd < 0) complain(program, path, fd);
  return fd;
}

export function closeOperand(fd: i32): void {
  if (fd > 0) close(fd);
}

/** A directory being read. Its memory is the caller's: `Directory.size` bytes. */
// @ts-ignore: decorator
@unmanaged export class Directory {
  fd: i32;
  position: u32;
  filled: u32;

  /** Name of the next entry, `.` and `..` left out; 0 at the end. Valid until the next call. */
  next(): usize {
    while (true) {
      if (this.position >= this.filled && !this.refill()) return 0;
      const entry = changetype<usize>(this) + 12 + this.position;
      this.position += load<u16>(entry + DIRENT_LENGTH);
      const name = entry + DIRENT_NAME;
      if (!equal(name, cstr`.`) && !equal(name, cstr`..`)) return name;
    }
  }

  private refill(): bool {
    const count = readDirectory(this.fd, changetype<usize>(this) + 12, directoryBytes - 12);
    this.position = 0;
    this.filled = count > 0 ? count : 0;
    return count > 0;
  }
}
/** Bytes of a Directory with its buffer. */
export const directoryBytes: u32 = 2060;

/** 0 or a negated errno. */
export function openDirectory(directory: Directory, path: usize): i32 {
  const fd = open(path, O_RDONLY | O_DIRECTORY, 0);
  directory.fd = fd;
  directory.position = 0;
  directory.filled = 0;
  return fd < 0 ? fd : 0;
}
