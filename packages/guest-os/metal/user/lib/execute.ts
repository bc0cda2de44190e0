/** Finding programs. */
import { S_IFMT, S_IFREG, Stat64, PATH_MAX } from "../../linux/files";
import { status } from "./syscall";
import { copy, find, length } from "./text";

const information: usize = memory.data(96);

/**
 * Path of a command into `result` (PATH_MAX bytes): a name with a slash as it is, another one from the first directory of `directories` (separated by colons) that has a
 * regular file of that name. False when there is none.
 */
export function searchPath(name: usize, directories: usize, result: usize): bool {
  if (find(name, 0x2f) != 0) {
    if (length(name) >= PATH_MAX) return false;
    copy(result, name);
    return true;
  }
  for (let at = directories; load<u8>(at) != 0; ) {
    let end = at;
    while (load<u8>(end) != 0 && load<u8>(end) != 0x3a) end++;
    const size = <u32>(end - at);
    if (size + length(name) + 2 < PATH_MAX) {
      memory.copy(result, at, size);
      store<u8>(result + size, 0x2f);
      copy(result + size + 1, name);
      if (status(result, information) == 0 && (changetype<Stat64>(information).mode & S_IFMT) == S_IFREG) return true;
    }
    at = load<u8>(end) == 0x3a ? end + 1 : end;
  }
  return false;
}
