import { cstr } from "@mercury/toolchain/metal";
import { PAGE_SIZE, USER_END } from "@mercury/abi/metal";
import { fillRandom } from "../dev/random";
import { programFeatures } from "../fpu/unit";
import { Space } from "../mm/space";
import { copyToUser, writeUser32 } from "../mm/user-copy";
import { TICKS_PER_SECOND } from "../sched/rate";
import { Arguments, lengthOf } from "./arguments";
import { PROGRAM_HEADER_SIZE } from "./elf";

/**
 * The stack with which a program starts (System V i386 ABI 3-28; Linux: fs/binfmt_elf.c): argc, argv, 0, envp, 0, auxiliary vector, and above
 * them what they point to. The space is the current one.
 */

/** What the program's headers say. */
// @ts-ignore: decorator
@unmanaged export class ProgramFacts {
  entry: u32;
  headers: u32;
  headerCount: u32;
}

// Keys of the auxiliary vector (include/uapi/linux/auxvec.h).
const AT_NULL: u32 = 0;
const AT_PHDR: u32 = 3;
const AT_PHENT: u32 = 4;
const AT_PHNUM: u32 = 5;
const AT_PAGESZ: u32 = 6;
const AT_BASE: u32 = 7;
const AT_FLAGS: u32 = 8;
const AT_ENTRY: u32 = 9;
const AT_UID: u32 = 11;
const AT_EUID: u32 = 12;
const AT_GID: u32 = 13;
const AT_EGID: u32 = 14;
const AT_PLATFORM: u32 = 15;
const AT_HWCAP: u32 = 16;
const AT_CLKTCK: u32 = 17;
const AT_SECURE: u32 = 23;
const AT_RANDOM: u32 = 25;
const AT_EXECFN: u32 = 31;
/** Pairs of the vector, the end included. */
const PAIRS: u32 = 18;
const RANDOM_BYTES: usize = 16;
/** "i686" and its NUL, rounded up. */
const PLATFORM_BYTES: usize = 8;

const random: usize = memory.data(16, 8);
/** Where the next word goes, and whether one could not be stored. */
let cursor: usize = 0;
let failed: bool = false;

/** Bytes that programStack needs at most. */
export function stackNeed(gathered: Arguments, path: usize): usize {
  const words = <usize>(gathered.argumentCount + gathered.environmentCount + 3 + PAIRS * 2);
  return gathered.used + lengthOf(path) + 1 + PLATFORM_BYTES + RANDOM_BYTES + words * 4 + 64;
}

/** Writes all of it; the stack pointer, or 0 when memory is out. */
export function programStack(space: Space, gathered: Arguments, path: usize, facts: ProgramFacts): usize {
  const pathLength = lengthOf(path) + 1;
  const pathAt = USER_END - 4 - pathLength;
  const strings = pathAt - gathered.used;
  const platform = (strings & ~7) - PLATFORM_BYTES;
  const randomAt = platform - RANDOM_BYTES;
  const words = <usize>(gathered.argumentCount + gathered.environmentCount + 3 + PAIRS * 2);
  const stack = (randomAt - words * 4) & ~15;
  fillRandom(random, <u32>RANDOM_BYTES);
  failed = copyToUser(pathAt, path, pathLength) != 0 || copyToUser(strings, gathered.buffer, gathered.used) != 0
    || copyToUser(platform, cstr`i686`, 5) != 0 || copyToUser(randomAt, random, RANDOM_BYTES) != 0;
  cursor = stack;
  put(gathered.argumentCount);
  putPointers(gathered.buffer, strings, gathered.argumentCount);
  putPointers(gathered.buffer + gathered.argumentBytes, strings + gathered.argumentBytes, gathered.environmentCount);
  putVector(facts, platform, randomAt, pathAt);
  space.argumentStart = strings;
  space.argumentEnd = space.environmentStart = strings + gathered.argumentBytes;
  space.environmentEnd = strings + gathered.used;
  return failed ? 0 : stack;
}

function put(word: u32): void {
  if (writeUser32(cursor, word) != 0) failed = true;
  cursor += 4;
}

/** Addresses of `count` strings that lie at `from` in the kernel and at `to` in the program, and the 0 after them. */
function putPointers(from: usize, to: usize, count: u32): void {
  let at = from;
  for (let index: u32 = 0; index < count; index++) {
    put(<u32>(to + (at - from)));
    at += lengthOf(at) + 1;
  }
  put(0);
}

function pair(key: u32, value: u32): void {
  put(key);
  put(value);
}

function putVector(facts: ProgramFacts, platform: usize, randomAt: usize, pathAt: usize): void {
  pair(AT_HWCAP, programFeatures());
  pair(AT_PAGESZ, <u32>PAGE_SIZE);
  pair(AT_CLKTCK, TICKS_PER_SECOND);
  pair(AT_PHDR, facts.headers);
  pair(AT_PHENT, PROGRAM_HEADER_SIZE);
  pair(AT_PHNUM, facts.headerCount);
  pair(AT_BASE, 0);
  pair(AT_FLAGS, 0);
  pair(AT_ENTRY, facts.entry);
  pair(AT_UID, 0);
  pair(AT_EUID, 0);
  pair(AT_GID, 0);
  pair(AT_EGID, 0);
  pair(AT_SECURE, 0);
  pair(AT_RANDOM, <u32>randomAt);
  pair(AT_EXECFN, <u32>pathAt);
  pair(AT_PLATFORM, <u32>platform);
  pair(AT_NULL, 0);
}
