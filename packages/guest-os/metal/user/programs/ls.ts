/** ls [-a1ldR] [PATH...] */
import { cstr } from "@mercury/toolchain/metal";
import { PATH_MAX, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_ISGID, S_ISUID, S_ISVTX, Stat64 } from "../../linux/files";
import { Arguments, options } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { Directory, directoryBytes, joinPath, openDirectory } from "../lib/files";
import { allocate, keep, release } from "../lib/heap";
import { put, putByte, putLine, putPadded } from "../lib/print";
import { close, linkStatus, readLink } from "../lib/syscall";
import { compare, length } from "../lib/text";
import { putTimestamp } from "../lib/time";

const ALL: u32 = 1;
const LONG: u32 = 4;
const SELF: u32 = 8;
const RECURSIVE: u32 = 16;

const first: usize = memory.data(4);
const information: usize = memory.data(96);
let flags: u32 = 0;
/** Something has been printed already. */
let shown: bool = false;

/** A growing array of names. */
// @ts-ignore: decorator
@unmanaged class Names {
  values: usize;
  count: u32;
  capacity: u32;

  add(name: usize): void {
    if (this.count == this.capacity) {
      const capacity = max<u32>(16, this.capacity * 2);
      const larger = allocate(capacity * 4);
      memory.copy(larger, this.values, this.count * 4);
      release(this.values);
      this.values = larger;
      this.capacity = capacity;
    }
    store<usize>(this.values + (<usize>this.count << 2), keep(name, length(name)));
    this.count++;
  }

  at(index: u32): usize {
    return load<usize>(this.values + (<usize>index << 2));
  }

  /** Insertion sort: a directory listing is short. */
  sort(): void {
    for (let index: u32 = 1; index < this.count; index++) {
      const name = this.at(index);
      let place = index;
      for (; place > 0 && compare(this.at(place - 1), name) > 0; place--) store<usize>(this.values + (<usize>place << 2), this.at(place - 1));
      store<usize>(this.values + (<usize>place << 2), name);
    }
  }

  drop(): void {
    for (let index: u32 = 0; index < this.count; index++) release(this.at(index));
    release(this.values);
    release(changetype<usize>(this));
  }
}

function newNames(): Names {
  return changetype<Names>(allocate(offsetof<Names>()));
}

export function ls(list: Arguments): i32 {
  flags = options(list, cstr`a1ldR`, first);
  if (flags & 0x80000000) return usage(cstr`ls [-a1ldR] [PATH...]`);
  const operands = load<u32>(first);
  if (operands >= list.count) return flags & SELF ? showEntry(cstr`.`, cstr`.`) : showDirectory(cstr`.`, (flags & RECURSIVE) != 0);
  const titled = list.count - operands > 1 || (flags & RECURSIVE) != 0;
  let failed: i32 = 0;
  // Files come before directories (POSIX XCU ls).
  for (let index = operands; index < list.count; index++) failed |= showOperand(list.at(index), false, titled);
  for (let index = operands; index < list.count; index++) failed |= showOperand(list.at(index), true, titled);
  return failed;
}

/** An operand, in the turn that is its: files' or directories'. */
function showOperand(path: usize, directories: bool, titled: bool): i32 {
  const result = linkStatus(path, information);
  if (result < 0) return directories ? 0 : complain(cstr`ls`, path, result);
  const directory = (changetype<Stat64>(information).mode & S_IFMT) == S_IFDIR && (flags & SELF) == 0;
  if (directory != directories) return 0;
  return directory ? showDirectory(path, titled) : showEntry(path, path);
}

function showDirectory(path: usize, titled: bool): i32 {
  const names = newNames();
  const descriptor = collect(path, names);
  if (descriptor < 0) return complain(cstr`ls`, path, descriptor);
  names.sort();
  if (titled) putTitle(path);
  const full = allocate(PATH_MAX);
  let failed: i32 = 0;
  for (let index: u32 = 0; index < names.count; index++) {
    if (joinPath(full, path, names.at(index))) failed |= showEntry(full, names.at(index));
  }
  // Not before: in /proc/self/fd it is an entry.
  close(descriptor);
  if (flags & RECURSIVE) failed |= descend(path, names, full);
  release(full);
  names.drop();
  return failed;
}

/** `path:`, apart from what was shown before. */
function putTitle(path: usize): void {
  if (shown) putByte(0x0a);
  shown = true;
  put(path);
  put(cstr`:\n`);
}

function descend(path: usize, names: Names, full: usize): i32 {
  let failed: i32 = 0;
  for (let index: u32 = 0; index < names.count; index++) {
    if (!joinPath(full, path, names.at(index)) || linkStatus(full, information) < 0) continue;
    if ((changetype<Stat64>(information).mode & S_IFMT) != S_IFDIR) continue;
    failed |= showDirectory(full, true);
  }
  return failed;
}

/** All names of a directory, hidden ones with -a only: its descriptor, or a negated errno. */
function collect(path: usize, names: Names): i32 {
  const directory = changetype<Directory>(allocate(directoryBytes));
  const result = openDirectory(directory, path);
  if (result < 0) return result;
  for (let name = directory.next(); name != 0; name = directory.next()) {
    if (load<u8>(name) != 0x2e || flags & ALL) names.add(name);
  }
  const descriptor = directory.fd;
  release(changetype<usize>(directory));
  return descriptor;
}

function showEntry(path: usize, name: usize): i32 {
  shown = true;
  if ((flags & LONG) == 0) {
    putLine(name);
    return 0;
  }
  const result = linkStatus(path, information);
  if (result < 0) return complain(cstr`ls`, path, result);
  const entry = changetype<Stat64>(information);
  putMode(entry.mode);
  putPadded(entry.links, 4);
  putPadded(entry.user, 6);
  putPadded(entry.group, 6);
  putPadded(entry.sizeLow, 10);
  putByte(0x20);
  putTimestamp(entry.modifySeconds);
  putByte(0x20);
  put(name);
  if ((entry.mode & S_IFMT) == S_IFLNK) putTarget(path);
  putByte(0x0a);
  return 0;
}

function putTarget(path: usize): void {
  const target = allocate(PATH_MAX);
  if (readLink(path, target, PATH_MAX - 1) > 0) {
    put(cstr` -> `);
    put(target);
  }
  release(target);
}

/** `drwxr-xr-x` */
function putMode(mode: u32): void {
  const type = mode & S_IFMT;
  putByte(type == S_IFDIR ? 0x64 : type == S_IFLNK ? 0x6c : type == S_IFCHR ? 0x63 : type == S_IFIFO ? 0x70 : 0x2d);
  putRights(mode >> 6, (mode & S_ISUID) != 0, 0x73);
  putRights(mode >> 3, (mode & S_ISGID) != 0, 0x73);
  putRights(mode, (mode & S_ISVTX) != 0, 0x74);
}

/** Three of the letters; set-id and sticky bits stand in the last place, as a capital letter where there is no right to execute. */
function putRights(rights: u32, special: bool, letter: u32): void {
  const executable = (rights & 1) != 0;
  putByte((rights & 4) != 0 ? 0x72 : 0x2d);
  putByte((rights & 2) != 0 ? 0x77 : 0x2d);
  if (special) putByte(executable ? letter : letter - 0x20);
  else putByte(executable ? 0x78 : 0x2d);
}
