/** mkdir [-p] DIRECTORY... */
import { cstr } from "@mercury/toolchain/metal";
import { EEXIST } from "@mercury/abi/metal";
import { Arguments, options } from "../lib/args";
import { complain, usage } from "../lib/errors";
import { isDirectory } from "../lib/files";
import { makeDirectory } from "../lib/syscall";

const first: usize = memory.data(4);
const PARENTS: u32 = 1;

export function mkdir(list: Arguments): i32 {
  const flags = options(list, cstr`p`, first);
  let index = load<u32>(first);
  if (flags & 0x80000000 || index >= list.count) return usage(cstr`mkdir [-p] DIRECTORY...`);
  let failed: i32 = 0;
  for (; index < list.count; index++) failed |= make(list.at(index), (flags & PARENTS) != 0);
  return failed;
}

function make(path: usize, parents: bool): i32 {
  if (parents) makeParents(path);
  const result = makeDirectory(path, 0o777);
  if (result == -EEXIST && parents && isDirectory(path)) return 0;
  return result < 0 ? complain(cstr`mkdir`, path, result) : 0;
}

/** Makes every directory that leads to the path; what is there already is no error, and the last step reports the rest. */
function makeParents(path: usize): void {
  for (let at = path + 1; load<u8>(at - 1) != 0 && load<u8>(at) != 0; at++) {
    if (load<u8>(at) != 0x2f) continue;
    store<u8>(at, 0);
    makeDirectory(path, 0o777);
    store<u8>(at, 0x2f);
  }
}
