/** Command substitution: a subshell whose output is read through a pipe. */
import { take, takeText } from "./arena";
import { runText } from "./run";
import { waitForProcess } from "./jobs";
import { setLastStatus } from "./variables";
import { allocate, release } from "../../lib/heap";
import { discard, flush } from "../../lib/print";
import { close, duplicate, exit, fork, pipe, read } from "../../lib/syscall";

const ends: usize = memory.data(8);

/** Output of a command without its trailing newlines; its status is `$?`. */
export function substituteCommand(text: usize): usize {
  flush();
  if (pipe(ends) < 0) return take(1);
  const from = load<i32>(ends);
  const to = load<i32>(ends + 4);
  const pid = fork();
  if (pid == 0) {
    discard();
    close(from);
    duplicate(to, 1);
    close(to);
    exit(runText(text));
  }
  close(to);
  const output = readAll(from);
  close(from);
  if (pid > 0) setLastStatus(waitForProcess(pid));
  return output;
}

function readAll(fd: i32): usize {
  let capacity: u32 = 4096;
  let buffer = allocate(capacity);
  let filled: u32 = 0;
  while (true) {
    const count = read(fd, buffer + filled, capacity - filled);
    if (count <= 0) break;
    filled += count;
    if (filled < capacity) continue;
    const larger = allocate(capacity * 2);
    memory.copy(larger, buffer, filled);
    release(buffer);
    buffer = larger;
    capacity *= 2;
  }
  while (filled > 0 && load<u8>(buffer + filled - 1) == 0x0a) filled--;
  const text = takeText(buffer, filled);
  release(buffer);
  return text;
}
