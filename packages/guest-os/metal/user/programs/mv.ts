/** mv SOURCE TARGET; mv SOURCE... DIRECTORY */
import { cstr } from "@mercury/toolchain/metal";
import { PATH_MAX } from "../../linux/files";
import { Arguments } from "../lib/args";
import { complain, complainText, usage } from "../lib/errors";
import { baseName, isDirectory, joinPath } from "../lib/files";
import { allocate, release } from "../lib/heap";
import { rename } from "../lib/syscall";

const program = cstr`mv`;

export function mv(list: Arguments): i32 {
  if (list.count < 3) return usage(cstr`mv SOURCE... TARGET`);
  const target = list.at(list.count - 1);
  const into = isDirectory(target);
  if (!into && list.count > 3) return complainText(program, target, cstr`not a directory`);
  let failed: i32 = 0;
  for (let index: u32 = 1; index < list.count - 1; index++) failed |= into ? moveInto(list.at(index), target) : moveTo(list.at(index), target);
  return failed;
}

function moveTo(source: usize, target: usize): i32 {
  const result = rename(source, target);
  return result < 0 ? complain(program, source, result) : 0;
}

function moveInto(source: usize, directory: usize): i32 {
  const path = allocate(PATH_MAX);
  const fits = joinPath(path, directory, baseName(source));
  const failed = fits ? moveTo(source, path) : complainText(program, source, cstr`File name too long`);
  release(path);
  return failed;
}
