/** Memory: patterns in fresh mappings, kept over fork, given back and had again as zeros; reads of files and pipes into untouched pages. */
import { cstr } from "@mercury/toolchain/metal";
import { fillPattern, lost, patternLength } from "./check";
import { exit, fork, mapAnonymous, unmap, waitFor } from "../../lib/syscall";

const bytes: u32 = 512 * 1024;
const PROT_READ_WRITE: u32 = 3;
const MAP_PRIVATE: u32 = 2;
const MAP_SHARED: u32 = 1;
const status: usize = memory.data(4);

export function memoryPatterns(rounds: u32): bool {
  for (let round: u32 = 0; round < rounds; round++) {
    if (!privateMapping(round) || !sharedMapping(round)) return false;
  }
  return true;
}

function map(flags: u32): usize {
  const address = mapAnonymous(bytes, PROT_READ_WRITE, flags);
  // Addresses above 2 GB are negative as i32: only the last page's numbers are errors.
  return <u32>address > 0xfffff000 ? 0 : address;
}

function privateMapping(round: u32): bool {
  const address = map(MAP_PRIVATE);
  if (address == 0) return lost(cstr`mmap`, bytes, 0);
  for (let offset: u32 = 0; offset < bytes; offset += 4096) if (load<u32>(address + offset) != 0) return lost(cstr`fresh memory`, 0, load<u32>(address + offset));
  fillPattern(address, bytes, round + 31);
  const pid = fork();
  if (pid == 0) {
    const inherited = patternLength(address, bytes, round + 31) == bytes;
    fillPattern(address, bytes / 2, round + 9999);
    exit(inherited && patternLength(address, bytes / 2, round + 9999) == bytes / 2 ? 0 : 1);
  }
  if (waitFor(pid, status, 0) != pid || load<u32>(status) != 0) return lost(cstr`memory of a child`, 0, load<u32>(status));
  const intact = patternLength(address, bytes, round + 31);
  unmap(address, bytes);
  return intact == bytes || lost(cstr`private memory`, bytes, intact);
}

/** What a child writes to shared memory its parent reads. */
function sharedMapping(round: u32): bool {
  const address = map(MAP_SHARED);
  if (address == 0) return lost(cstr`shared mmap`, bytes, 0);
  const pid = fork();
  if (pid == 0) {
    fillPattern(address, bytes, round + 63);
    exit(0);
  }
  waitFor(pid, status, 0);
  const intact = patternLength(address, bytes, round + 63);
  unmap(address, bytes);
  return intact == bytes || lost(cstr`shared memory`, bytes, intact);
}
