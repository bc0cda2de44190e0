/** rm [-rf] FILE... */
import { cstr } from "@mercury/toolchain/metal";
import { EISDIR, ENOENT } from "@mercury/abi/metal";
import { PATH_MAX, S_IFDIR, S_IFMT, Stat64 } from "../../linux/files";
import { Arguments, options } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { Directory, directoryBytes, joinPath, openDirectory } from "../lib/files";
import { allocate, release } from "../lib/heap";
import { close, linkStatus, removeDirectory, unlink } from "../lib/syscall";

const program = cstr`rm`;
const first: usize = memory.data(4);
const information: usize = memory.data(96);
const RECURSIVE: u32 = 1;
const FORCE: u32 = 2;
let flags: u32 = 0;

export function rm(list: Arguments): i32 {
  flags = options(list, cstr`rf`, first);
  let index = load<u32>(first);
  if (flags & 0x80000000 || (index >= list.count && (flags & FORCE) == 0)) return usage(cstr`rm [-rf] FILE...`);
  let failed: i32 = 0;
  for (; index < list.count; index++) failed |= remove(list.at(index));
  return failed;
}

function remove(path: usize): i32 {
  const result = linkStatus(path, information);
  if (result == -ENOENT && flags & FORCE) return 0;
  if (result < 0) return complain(program, path, result);
  const directory = (changetype<Stat64>(information).mode & S_IFMT) == S_IFDIR;
  if (directory) return flags & RECURSIVE ? removeTree(path) : complain(program, path, -EISDIR);
  const unlinked = unlink(path);
  return unlinked < 0 ? complain(program, path, unlinked) : 0;
}

/** Reads the directory from its start after every removal, so that no entry is passed over. */
function removeTree(path: usize): i32 {
  const entry = allocate(PATH_MAX);
  let failed: i32 = 0;
  while (failed == 0 && firstEntry(path, entry)) failed |= remove(entry);
  release(entry);
  if (failed != 0) return failed;
  const result = removeDirectory(path);
  return result < 0 ? complain(program, path, result) : 0;
}

function firstEntry(path: usize, entry: usize): bool {
  const directory = changetype<Directory>(allocate(directoryBytes));
  let found: bool = false;
  if (openDirectory(directory, path) == 0) {
    const name = directory.next();
    found = name != 0 && joinPath(entry, path, name);
    close(directory.fd);
  }
  release(changetype<usize>(directory));
  return found;
}
