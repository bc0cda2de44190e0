/**
 * Depth: faults inside system calls inside fork storms. The kernel copies to and from pages that are not there yet, are shared copy-on-write, or must not be had at all,
 * while programs are executed whose output must come back whole.
 */
import { cstr } from "@mercury/toolchain/metal";
import { EFAULT } from "@mercury/abi/metal";
import { fillPattern, lost, patternLength } from "./check";
import { close, duplicate, execute, exit, fork, mapAnonymous, pipe, read, unmap, waitFor, write } from "../../lib/syscall";

const bytes: u32 = 32768;
const ends: usize = memory.data(8);
const status: usize = memory.data(4);
const words: usize = memory.data(20);
const environment: usize = memory.data(4);
const answer: usize = memory.data(64);

export function nesting(rounds: u32): bool {
  for (let round: u32 = 0; round < rounds; round++) {
    if (!throughFaults(round) || !badAddresses() || !program()) return false;
  }
  return true;
}

/** The writer's source is shared copy-on-write with its parent, the reader's target untouched. */
function throughFaults(round: u32): bool {
  const from: usize = mapAnonymous(bytes, 3, 2);
  const to: usize = mapAnonymous(bytes, 3, 2);
  fillPattern(from, bytes, round + 5);
  if (pipe(ends) < 0) return lost(cstr`pipe`, 0, 1);
  const pid = fork();
  if (pid == 0) {
    close(load<i32>(ends));
    const sent = write(load<i32>(ends + 4), from, bytes);
    exit(sent == bytes ? 0 : 1);
  }
  close(load<i32>(ends + 4));
  let count: u32 = 0;
  while (count < bytes) {
    const piece = read(load<i32>(ends), to + count, bytes - count);
    if (piece <= 0) break;
    count += piece;
  }
  close(load<i32>(ends));
  waitFor(pid, status, 0);
  if (count != bytes) return lost(cstr`bytes into untouched pages`, bytes, count);
  const intact = patternLength(to, bytes, round + 5);
  unmap(from, bytes);
  unmap(to, bytes);
  return intact == bytes || lost(cstr`contents of untouched pages`, bytes, intact);
}

/** The kernel must refuse addresses that the process may not use, and go on. */
function badAddresses(): bool {
  if (pipe(ends) < 0) return lost(cstr`pipe`, 0, 1);
  const reading = write(load<i32>(ends + 4), 64, 4);
  const kernel = write(load<i32>(ends + 4), 0xb0100000, 4);
  const beyond = write(load<i32>(ends + 4), 0xfffffff0, 64);
  close(load<i32>(ends));
  close(load<i32>(ends + 4));
  return (reading == -EFAULT && kernel == -EFAULT && beyond == -EFAULT) || lost(cstr`bad addresses refused`, EFAULT, -reading);
}

/** `echo` must say what it was told. */
function program(): bool {
  if (pipe(ends) < 0) return lost(cstr`pipe`, 0, 1);
  const pid = fork();
  if (pid == 0) {
    duplicate(load<i32>(ends + 4), 1);
    close(load<i32>(ends));
    close(load<i32>(ends + 4));
    store<usize>(words, cstr`echo`);
    store<usize>(words + 4, cstr`mercury`);
    store<usize>(words + 8, cstr`stays`);
    store<usize>(words + 12, 0);
    exit(-execute(cstr`/bin/echo`, words, environment));
  }
  close(load<i32>(ends + 4));
  let count: u32 = 0;
  while (count < 63) {
    const piece = read(load<i32>(ends), answer + count, 63 - count);
    if (piece <= 0) break;
    count += piece;
  }
  close(load<i32>(ends));
  waitFor(pid, status, 0);
  if (load<u32>(status) != 0) return lost(cstr`status of echo`, 0, load<u32>(status));
  return (count == 14 && memory.compare(answer, cstr`mercury stays\n`, 14) == 0) || lost(cstr`bytes of echo`, 14, count);
}
