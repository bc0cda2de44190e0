/** cp [-r] SOURCE TARGET; cp [-r] SOURCE... DIRECTORY */
import { cstr } from "@mercury/toolchain/metal";
import { EEXIST, EISDIR } from "@mercury/abi/metal";
import { O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY, PATH_MAX, S_IFDIR, S_IFMT, Stat64 } from "../../linux/files";
import { Arguments, options } from "../lib/args";
import { complain, complainText, usage } from "../lib/errors";
import { baseName, Directory, directoryBytes, isDirectory, joinPath, openDirectory, pour } from "../lib/files";
import { allocate, release } from "../lib/heap";
import { close, makeDirectory, open, status } from "../lib/syscall";

const program = cstr`cp`;
const first: usize = memory.data(4);
const information: usize = memory.data(96);
let recursive = false;

export function cp(list: Arguments): i32 {
  const flags = options(list, cstr`r`, first);
  const start = load<u32>(first);
  if (flags & 0x80000000 || list.count < start + 2) return usage(cstr`cp [-r] SOURCE... TARGET`);
  recursive = flags != 0;
  const target = list.at(list.count - 1);
  const into = isDirectory(target);
  if (!into && list.count > start + 2) return complainText(program, target, cstr`not a directory`);
  let failed: i32 = 0;
  for (let index = start; index < list.count - 1; index++) failed |= into ? copyInto(list.at(index), target) : copyTo(list.at(index), target);
  return failed;
}

function copyInto(source: usize, directory: usize): i32 {
  const path = allocate(PATH_MAX);
  const fits = joinPath(path, directory, baseName(source));
  const failed = fits ? copyTo(source, path) : complainText(program, source, cstr`File name too long`);
  release(path);
  return failed;
}

function copyTo(source: usize, target: usize): i32 {
  const result = status(source, information);
  if (result < 0) return complain(program, source, result);
  const mode = changetype<Stat64>(information).mode;
  if ((mode & S_IFMT) == S_IFDIR) return recursive ? copyTree(source, target, mode) : complain(program, source, -EISDIR);
  return copyFile(source, target, mode & 0o777);
}

function copyFile(source: usize, target: usize, mode: u32): i32 {
  const from = open(source, O_RDONLY, 0);
  if (from < 0) return complain(program, source, from);
  const to = open(target, O_WRONLY | O_CREAT | O_TRUNC, mode);
  const result = to < 0 ? to : pour(from, to);
  if (to >= 0) close(to);
  close(from);
  return result < 0 ? complain(program, target, result) : 0;
}

function copyTree(source: usize, target: usize, mode: u32): i32 {
  const made = makeDirectory(target, (mode & 0o777) | 0o700);
  if (made < 0 && made != -EEXIST) return complain(program, target, made);
  const directory = changetype<Directory>(allocate(directoryBytes));
  const result = openDirectory(directory, source);
  if (result < 0) return complain(program, source, result);
  const from = allocate(PATH_MAX);
  const to = allocate(PATH_MAX);
  let failed: i32 = 0;
  for (let name = directory.next(); name != 0; name = directory.next()) {
    if (joinPath(from, source, name) && joinPath(to, target, name)) failed |= copyTo(from, to);
    else failed = complainText(program, name, cstr`File name too long`);
  }
  close(directory.fd);
  release(from);
  release(to);
  release(changetype<usize>(directory));
  return failed;
}
