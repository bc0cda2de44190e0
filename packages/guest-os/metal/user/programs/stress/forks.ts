/** Fork storms: every child sees its parent's memory, changes its own copy, and ends with a status that must arrive exactly once. */
import { cstr } from "@mercury/toolchain/metal";
import { fillPattern, lost, patternLength } from "./check";
import { allocate } from "../../lib/heap";
import { exit, fork, waitFor } from "../../lib/syscall";

const children: u32 = 8;
const bytes: u32 = 16384;
const status: usize = memory.data(4);
const seen: usize = memory.data(4);

export function forks(rounds: u32): bool {
  const shared = allocate(bytes);
  for (let round: u32 = 0; round < rounds; round++) {
    fillPattern(shared, bytes, round + 1);
    store<u32>(seen, 0);
    for (let child: u32 = 0; child < children; child++) {
      const pid = fork();
      if (pid < 0) return lost(cstr`fork`, 0, -pid);
      if (pid == 0) exit(runChild(shared, round, child));
    }
    if (!collect(round)) return false;
    const intact = patternLength(shared, bytes, round + 1);
    if (intact != bytes) return lost(cstr`parent's memory after fork`, bytes, intact);
  }
  return true;
}

/** Grandchildren too, so that orphans and nested copies occur. */
function runChild(shared: usize, round: u32, child: u32): i32 {
  if (patternLength(shared, bytes, round + 1) != bytes) return 255;
  fillPattern(shared, bytes, child + 1000);
  if (child & 1) {
    const pid = fork();
    if (pid == 0) exit(patternLength(shared, bytes, child + 1000) == bytes ? 7 : 8);
    if (pid < 0 || waitFor(pid, status, 0) != pid || load<u32>(status) != 7 << 8) return 254;
  }
  return patternLength(shared, bytes, child + 1000) == bytes ? child + 1 : 253;
}

function collect(round: u32): bool {
  for (let child: u32 = 0; child < children; child++) {
    const pid = waitFor(-1, status, 0);
    if (pid < 0) return lost(cstr`children of a fork storm`, children, child);
    const code = load<u32>(status);
    const number = (code >> 8) - 1;
    if ((code & 0x7f) != 0 || number >= children) return lost(cstr`status of a child`, child, code);
    if (load<u32>(seen) & (1 << number)) return lost(cstr`child that ended twice`, round, number);
    store<u32>(seen, load<u32>(seen) | (1 << number));
  }
  return true;
}
