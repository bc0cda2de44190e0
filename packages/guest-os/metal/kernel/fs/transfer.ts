/**
 * Bytes between files and their callers. A system call has checked that its buffer lies in user space (userBuffer), so that an address above
 * it is the kernel's own: exec, RAM disk and sendfile read and write through the same operations as programs do.
 */
import { EFAULT, USER_END } from "@mercury/abi/metal";
import { clearUser, copyFromUser, copyToUser, inUserSpace } from "../mm/user-copy";

/** 0, or -EFAULT when a program's buffer cannot lie there. */
export function userBuffer(address: usize, bytes: u32): i32 {
  return inUserSpace(address, bytes) ? 0 : -EFAULT;
}

/** Gives bytes to the caller: 0 or -EFAULT. */
export function giveBytes(to: usize, from: usize, bytes: u32): i32 {
  if (to < USER_END) return copyToUser(to, from, bytes);
  memory.copy(to, from, bytes);
  return 0;
}

/** Takes bytes from the caller: 0 or -EFAULT. */
export function takeBytes(to: usize, from: usize, bytes: u32): i32 {
  if (from < USER_END) return copyFromUser(to, from, bytes);
  memory.copy(to, from, bytes);
  return 0;
}

/** Gives zeros to the caller: 0 or -EFAULT. */
export function giveZeros(to: usize, bytes: u32): i32 {
  if (to < USER_END) return clearUser(to, bytes);
  memory.fill(to, 0, bytes);
  return 0;
}
