import { E2BIG, EFAULT } from "@mercury/abi/metal";
import { copyFromUser, copyStringFromUser } from "../mm/user-copy";
import { allocate, release } from "../mm/slab";

/** The strings that execve hands over, gathered in kernel memory while the old space goes and the new one comes. */

/** Bytes of all strings, and how many of them there may be. */
export const ARGUMENTS_SIZE: usize = 0x2_0000;
export const STRINGS_MAXIMUM: u32 = 8192;

// @ts-ignore: decorator
@unmanaged export class Arguments {
  /** Buffer of ARGUMENTS_SIZE bytes; strings one after the other, each with its NUL: first argv, then envp. */
  buffer: usize;
  used: usize;
  argumentCount: u32;
  /** Bytes of the argv strings. */
  argumentBytes: usize;
  environmentCount: u32;
}

/** Empty, or null when memory is out. */
export function newArguments(): Arguments | null {
  const gathered = changetype<Arguments>(allocate(offsetof<Arguments>()));
  if (changetype<usize>(gathered) == 0) return null;
  gathered.buffer = allocate(ARGUMENTS_SIZE);
  if (gathered.buffer != 0) return gathered;
  release(changetype<usize>(gathered));
  return null;
}

export function freeArguments(gathered: Arguments): void {
  release(gathered.buffer);
  release(changetype<usize>(gathered));
}

/** Appends the strings of a user array of pointers that ends with 0 (an absent array is empty): how many, -EFAULT or -E2BIG. */
export function gatherStrings(gathered: Arguments, array: usize): i32 {
  if (array == 0) return 0;
  for (let count: u32 = 0; count < STRINGS_MAXIMUM; count++) {
    // The pointer is read into the free end of the buffer, where its string then goes.
    const at = gathered.buffer + gathered.used;
    const room = ARGUMENTS_SIZE - gathered.used;
    if (room < 8) return -E2BIG;
    if (copyFromUser(at, array + (count << 2), 4) != 0) return -EFAULT;
    const text = <usize>load<u32>(at);
    if (text == 0) return count;
    const length = copyStringFromUser(at, text, room);
    if (length < 0) return length == -EFAULT ? -EFAULT : -E2BIG;
    gathered.used += length + 1;
  }
  return -E2BIG;
}

/** Puts one kernel string before all others: 0 or -E2BIG. */
export function prependString(gathered: Arguments, text: usize): i32 {
  const length = lengthOf(text) + 1;
  if (gathered.used + length > ARGUMENTS_SIZE) return -E2BIG;
  memory.copy(gathered.buffer + length, gathered.buffer, gathered.used);
  memory.copy(gathered.buffer, text, length);
  gathered.used += length;
  gathered.argumentBytes += length;
  gathered.argumentCount++;
  return 0;
}

/** Drops the first argument, which a script's interpreter replaces. */
export function dropFirstArgument(gathered: Arguments): void {
  if (gathered.argumentCount == 0) return;
  const length = lengthOf(gathered.buffer) + 1;
  gathered.used -= length;
  gathered.argumentBytes -= length;
  gathered.argumentCount--;
  memory.copy(gathered.buffer, gathered.buffer + length, gathered.used);
}

/** Bytes before the NUL. */
export function lengthOf(text: usize): usize {
  let end = text;
  while (load<u8>(end) != 0) end++;
  return end - text;
}
