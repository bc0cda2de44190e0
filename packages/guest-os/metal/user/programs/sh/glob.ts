/** File names that match a pattern (POSIX XCU 2.13.3), in order. */
import { cstr } from "@mercury/toolchain/metal";
import { takeText } from "./arena";
import { newWord, Word } from "./tree";
import { PATH_MAX } from "../../../linux/files";
import { Directory, directoryBytes, openDirectory } from "../../lib/files";
import { allocate, release } from "../../lib/heap";
import { matchName } from "../../lib/pattern";
import { close, linkStatus } from "../../lib/syscall";
import { compare, copy, length } from "../../lib/text";

const information: usize = memory.data(96);
let found: Word | null = null;

/** Whether an unquoted `*`, `?` or `[` is in it. */
export function hasPattern(pattern: usize): bool {
  for (let at = pattern; load<u8>(at) != 0; at++) {
    const byte = load<u8>(at);
    if (byte == 0x5c && load<u8>(at + 1) != 0) at++;
    else if (byte == 0x2a || byte == 0x3f || byte == 0x5b) return true;
  }
  return false;
}

/** All matches, or null. */
export function matchFiles(pattern: usize): Word | null {
  found = null;
  if (length(pattern) >= PATH_MAX) return null;
  const path = allocate(PATH_MAX * 2);
  let end = path;
  while (load<u8>(pattern) == 0x2f) {
    store<u8>(end++, 0x2f);
    pattern++;
  }
  descend(path, end, pattern);
  release(path);
  return found;
}

/** Matches the next component of the pattern in the directory `path`, which ends at `end`. */
function descend(path: usize, end: usize, pattern: usize): void {
  let stop = pattern;
  while (load<u8>(stop) != 0 && load<u8>(stop) != 0x2f) stop++;
  const last = load<u8>(stop) == 0;
  const component = takeText(pattern, <u32>(stop - pattern));
  let rest = stop;
  while (load<u8>(rest) == 0x2f) rest++;
  store<u8>(end, 0);
  const directory = changetype<Directory>(allocate(directoryBytes));
  if (openDirectory(directory, end == path ? cstr`.` : path) == 0) {
    for (let name = directory.next(); name != 0; name = directory.next()) {
      if (load<u8>(name) == 0x2e && load<u8>(component) != 0x2e) continue;
      if (<u32>(end - path) + length(name) + 2 > PATH_MAX || !matchName(component, name)) continue;
      const after = copy(end, name);
      if (last) insert(takeText(path, <u32>(after - path)));
      else {
        store<u8>(after, 0x2f);
        store<u8>(after + 1, 0);
        if (linkStatus(path, information) == 0) descend(path, after + 1, rest);
      }
    }
    close(directory.fd);
  }
  release(changetype<usize>(directory));
}

/** Keeps the list in byte order. */
function insert(path: usize): void {
  const word = newWord(path);
  if (found === null || compare(found!.text, path) > 0) {
    word.next = found;
    found = word;
    return;
  }
  let previous: Word = found!;
  for (let next: Word | null = previous.next; next !== null && compare(next.text, path) < 0; next = previous.next) previous = next;
  word.next = previous.next;
  previous.next = word;
}
