/** Redirections (POSIX XCU 2.7). */
import { cstr } from "@mercury/toolchain/metal";
import { expandHere, expandText, expansionFailed } from "./expand";
import { APPEND_TO, DUPLICATE, HERE, HERE_VERBATIM, READ_FROM, Redirection } from "./tree";
import { F_DUPFD, O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from "../../../linux/files";
import { complain, complainText } from "../../lib/errors";
import { discard, writeAll } from "../../lib/print";
import { close, duplicate, exit, fileControl, fork, open, pipe } from "../../lib/syscall";
import { equal, isNumber, length, toNumber } from "../../lib/text";

const ends: usize = memory.data(8);
/** Descriptors of the shell's own start here, out of the programs' way. */
const ownDescriptors: u32 = 10;
/** What builtins' redirections have covered: pairs of descriptor and its saved copy (-1: it was closed). */
const saved: usize = memory.data(8 * 16);
const savedLimit: u32 = 16;
let savedCount: u32 = 0;

/** Applies them in order; false when one cannot be made, of which a message has been given. */
export function redirect(list: Redirection | null): bool {
  let at = list;
  while (at !== null) {
    if (!apply(at)) return false;
    at = at.next;
  }
  return true;
}

/** As redirect, for a command that the shell runs itself: `restore` undoes it. */
export function redirectSaving(list: Redirection | null): bool {
  let at = list;
  while (at !== null) {
    if (savedCount == savedLimit) return complainText(cstr`sh`, 0, cstr`too many redirections`) == 0;
    store<i32>(saved + (savedCount << 3), at.fd);
    store<i32>(saved + (savedCount << 3) + 4, fileControl(at.fd, F_DUPFD, ownDescriptors));
    savedCount++;
    if (!apply(at)) return false;
    at = at.next;
  }
  return true;
}

export function savedDescriptors(): u32 {
  return savedCount;
}

/** Undoes redirections down to a count from savedDescriptors, the last one first. */
export function restore(count: u32): void {
  while (savedCount > count) {
    savedCount--;
    const fd = load<i32>(saved + (savedCount << 3));
    const copy = load<i32>(saved + (savedCount << 3) + 4);
    if (copy < 0) {
      close(fd);
      continue;
    }
    duplicate(copy, fd);
    close(copy);
  }
}

function apply(redirection: Redirection): bool {
  const kind = redirection.kind;
  if (kind == HERE || kind == HERE_VERBATIM) return applyHere(redirection);
  const target = expandText(redirection.word);
  if (expansionFailed) return false;
  if (kind == DUPLICATE) return applyDuplicate(redirection.fd, target);
  const flags = kind == READ_FROM ? O_RDONLY : O_WRONLY | O_CREAT | (kind == APPEND_TO ? O_APPEND : O_TRUNC);
  const fd = open(target, flags, 0o666);
  if (fd < 0) return complain(cstr`sh`, target, fd) == 0;
  move(fd, redirection.fd);
  return true;
}

/** `>&2`, `<&3`, and `>&-`, which closes. */
function applyDuplicate(fd: i32, target: usize): bool {
  if (equal(target, cstr`-`)) {
    close(fd);
    return true;
  }
  const result = isNumber(target) ? duplicate(toNumber(target), fd) : -1;
  return result >= 0 || complainText(cstr`sh`, target, cstr`bad descriptor`) == 0;
}

/** A child writes the text, as it may be longer than a pipe holds. */
function applyHere(redirection: Redirection): bool {
  const text = redirection.kind == HERE ? expandHere(redirection.word) : redirection.word;
  if (expansionFailed) return false;
  const result = pipe(ends);
  if (result < 0) return complain(cstr`sh`, cstr`here-document`, result) == 0;
  const from = load<i32>(ends);
  const to = load<i32>(ends + 4);
  if (fork() == 0) {
    discard();
    close(from);
    writeAll(to, text, length(text));
    exit(0);
  }
  close(to);
  move(from, redirection.fd);
  return true;
}

function move(from: i32, to: i32): void {
  if (from == to) return;
  duplicate(from, to);
  close(from);
}
