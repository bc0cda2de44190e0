import { ENOEXEC } from "@mercury/abi/metal";

/** The first line of a script: `#!INTERPRETER [ARGUMENT]` (Linux: fs/binfmt_script.c). */

const SPACE: u8 = 0x20;
const TAB: u8 = 0x09;
const NEWLINE: u8 = 0x0a;

/** `#!`, little endian */
const MARK: u16 = 0x2123;

// @ts-ignore: decorator
@inline export function isScript(head: usize): bool {
  return load<u16>(head) == MARK;
}

/** Where parseScript found the interpreter's path and its argument, each NUL-terminated in place; argument 0: none. */
let interpreter: usize = 0;
let argument: usize = 0;

export function scriptInterpreter(): usize {
  return interpreter;
}

export function scriptArgument(): usize {
  return argument;
}

/** Cuts up the first line in `head`, which holds `bytes` bytes of the file: 0 or -ENOEXEC. */
export function parseScript(head: usize, bytes: u32): i32 {
  let end = head + 2;
  const limit = head + bytes;
  while (end < limit && load<u8>(end) != NEWLINE) end++;
  // A line that goes on behind what was read would lose its end.
  if (end == limit) return -ENOEXEC;
  while (end > head + 2 && isBlank(load<u8>(end - 1))) end--;
  store<u8>(end, 0);
  let at = skipBlanks(head + 2);
  if (load<u8>(at) == 0) return -ENOEXEC;
  interpreter = at;
  while (load<u8>(at) != 0 && !isBlank(load<u8>(at))) at++;
  argument = 0;
  if (load<u8>(at) == 0) return 0;
  store<u8>(at, 0);
  argument = skipBlanks(at + 1);
  return 0;
}

function isBlank(byte: u8): bool {
  return byte == SPACE || byte == TAB;
}

function skipBlanks(from: usize): usize {
  let at = from;
  while (isBlank(load<u8>(at))) at++;
  return at;
}
