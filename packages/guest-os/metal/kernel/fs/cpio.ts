/**
 * Unpacks cpio archives in the "newc" format (Linux: Documentation/driver-api/early-userspace/buffer-format.rst): headers of 110 ASCII bytes,
 * thirteen fields of eight hexadecimal digits; name and data padded to four bytes; the entry TRAILER!!! ends the archive. A later entry
 * replaces an earlier one of the same name; directories stay and take the new mode.
 */
import { EEXIST, ENOENT, ENOSPC } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { print, printDecimal } from "../dev/print";
import { PATH_MAX, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, deviceNumber } from "../../linux/files";
import { allocate, release } from "../mm/slab";
import { Inode, isDirectory, isError, releaseInode } from "./inode";
import { lookupPath, root } from "./path";
import { linkName, makeLink, makeName, makeNode, removeName } from "./names";
import { writeInode } from "./ramfile";

const HEADER_SIZE: u32 = 110;
const DIGITS: u32 = 8;
/** Fields by index, after the six bytes of magic. */
const FIELD_INODE: u32 = 0;
const FIELD_MODE: u32 = 1;
const FIELD_LINKS: u32 = 4;
const FIELD_TIME: u32 = 5;
const FIELD_SIZE: u32 = 6;
const FIELD_MAJOR: u32 = 9;
const FIELD_MINOR: u32 = 10;
const FIELD_NAME_SIZE: u32 = 11;

/** One entry: header, name with its NUL, data. */
// @ts-ignore: decorator
@unmanaged class Entry {
  header: usize;
  name: usize;
  nameSize: u32;
  data: usize;
  size: u32;
  mode: u32;
  next: usize;
}

const entry: Entry = changetype<Entry>(memory.data(offsetof<Entry>(), 4));
/** Why the archive is refused; 0: it is not. */
let problem: usize = 0;

/**
 * Unpacks the archive at [start, end) into the root file system. A bad one is refused with a message that says where and why; what came
 * before stays. Whether all of it was unpacked.
 */
export function unpackArchive(start: usize, end: usize): bool {
  let at = start;
  problem = 0;
  while (readEntry(at, end) && !isTrailer()) {
    unpackEntry();
    if (problem != 0) break;
    at = entry.next;
  }
  forgetLinks();
  return problem == 0 || refuse(at - start);
}

function refuse(offset: usize): bool {
  print(cstr`archive refused at byte `);
  printDecimal(<u32>offset);
  print(cstr`: `);
  print(problem);
  print(cstr`\n`);
  return false;
}

function fail(why: usize): bool {
  problem = why;
  return false;
}

function readEntry(at: usize, end: usize): bool {
  if (end - at < HEADER_SIZE) return fail(cstr`the archive ends without its trailer`);
  if (!hasMagic(at)) return fail(cstr`no header of a newc archive`);
  entry.header = at;
  entry.mode = field(FIELD_MODE);
  entry.size = field(FIELD_SIZE);
  entry.nameSize = field(FIELD_NAME_SIZE);
  if (problem != 0) return false;
  const room = <u32>(end - at) - HEADER_SIZE;
  if (entry.nameSize < 2 || entry.nameSize > PATH_MAX) return fail(cstr`a name of impossible length`);
  if (entry.nameSize > room) return fail(cstr`the archive ends inside a name`);
  entry.name = at + HEADER_SIZE;
  if (load<u8>(entry.name + entry.nameSize - 1) != 0) return fail(cstr`a name that does not end`);
  // Padding counts from the archive's start, which the loader has put on a page.
  const before = aligned(HEADER_SIZE + entry.nameSize);
  if (entry.size > <u32>(end - at) || before > <u32>(end - at) - entry.size) return fail(cstr`the archive ends inside a file`);
  entry.data = at + before;
  entry.next = at + min<usize>(aligned(before + entry.size), end - at);
  return true;
}

// @ts-ignore: decorator
@inline export function aligned(bytes: u32): u32 {
  return (bytes + 3) & ~3;
}

/** "070701", or "070702" with checksums, which are not looked at. */
function hasMagic(at: usize): bool {
  const start = load<u32>(at) == 0x3730_3730 && load<u8>(at + 4) == 0x30;
  return start && (load<u8>(at + 5) == 0x31 || load<u8>(at + 5) == 0x32);
}

/** Field `index` of the entry's header. */
function field(index: u32): u32 {
  const from = entry.header + 6 + index * DIGITS;
  let value: u32 = 0;
  for (let at: u32 = 0; at < DIGITS; at++) {
    const byte = <u32>load<u8>(from + at);
    const letter = byte | 0x20;
    let digit: u32 = 16;
    if (byte >= 0x30 && byte <= 0x39) digit = byte - 0x30;
    else if (letter >= 0x61 && letter <= 0x66) digit = letter - 0x61 + 10;
    if (digit == 16) fail(cstr`a header with something else than hexadecimal digits`);
    value = (value << 4) | digit;
  }
  return value;
}

function isTrailer(): bool {
  const trailer = cstr`TRAILER!!!`;
  if (entry.nameSize != 11) return false;
  for (let at: u32 = 0; at < 11; at++) if (load<u8>(entry.name + at) != load<u8>(trailer + at)) return false;
  return true;
}

function unpackEntry(): void {
  const type = entry.mode & S_IFMT;
  let failed: i32 = 0;
  if (type == S_IFDIR) failed = unpackDirectory();
  else {
    removeName(root(), entry.name, false);
    if (type == S_IFREG) failed = unpackFile();
    else if (type == S_IFLNK) failed = makeLink(root(), entry.name, entry.data, entry.size);
    else if (type == S_IFCHR || type == S_IFIFO) failed = makeName(root(), entry.name, entry.mode, deviceNumber(field(FIELD_MAJOR), field(FIELD_MINOR)));
    else fail(cstr`a kind of file that this system does not have`);
  }
  if (failed == -ENOENT) fail(cstr`a name in a directory that no entry before has made`);
  else if (failed != 0) fail(cstr`no space, or a name that is in the way`);
}

function unpackDirectory(): i32 {
  const failed = makeName(root(), entry.name, entry.mode, 0);
  if (failed != -EEXIST) return failed;
  const found = lookupPath(root(), entry.name, true);
  if (isError(found)) return <i32>found;
  const inode = changetype<Inode>(found);
  const isNone = !isDirectory(inode);
  if (!isNone) inode.mode = entry.mode;
  releaseInode(inode);
  return isNone ? -EEXIST : 0;
}

function unpackFile(): i32 {
  const made = field(FIELD_LINKS) > 1 ? makeLinked() : makeNode(root(), entry.name, entry.mode, 0);
  if (isError(made)) return <i32>made;
  const inode = changetype<Inode>(made);
  // The bytes of a file with several names stand at the last of them.
  const written = entry.size == 0 ? 0 : writeInode(inode, 0, entry.data, entry.size);
  inode.modifyTime = inode.changeTime = <u64>field(FIELD_TIME) * 1_000_000_000;
  releaseInode(inode);
  if (written < 0) return written;
  return <u32>written == entry.size ? 0 : -ENOSPC;
}

/** Files with several names: the archive's inode number and where in the archive the first name is. */
// @ts-ignore: decorator
@unmanaged class Linked {
  next: usize;
  number: u32;
  name: usize;
}
let linked: usize = 0;

function forgetLinks(): void {
  while (linked != 0) {
    const next = changetype<Linked>(linked).next;
    release(linked);
    linked = next;
  }
}

/** The inode of an entry with several names, held: new with the first of them. */
function makeLinked(): usize {
  const number = field(FIELD_INODE);
  let at = linked;
  while (at != 0 && changetype<Linked>(at).number != number) at = changetype<Linked>(at).next;
  if (at != 0) {
    const failed = linkName(root(), changetype<Linked>(at).name, entry.name);
    return failed != 0 ? <usize>failed : lookupPath(root(), entry.name, false);
  }
  at = allocate(offsetof<Linked>());
  if (at == 0) return <usize>-ENOSPC;
  changetype<Linked>(at).number = number;
  changetype<Linked>(at).name = entry.name;
  changetype<Linked>(at).next = linked;
  linked = at;
  return makeNode(root(), entry.name, entry.mode, 0);
}
