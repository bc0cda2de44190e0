import { EFAULT, ENAMETOOLONG, USER_END } from "@mercury/abi/metal";

/**
 * Copies between kernel and the current address space. The stubs (stubs/user-copy.ts) may fault: the page-fault handler brings the page in,
 * or, when the address is none of the program's, continues at the stub's fix-up, which answers -EFAULT.
 */
// @ts-ignore: decorator
@external("asm", "userCopy") export declare function userCopy(to: usize, from: usize, bytes: usize): i32;
// @ts-ignore: decorator
@external("asm", "userFill") export declare function userFill(to: usize, value: u32, bytes: usize): i32;
// @ts-ignore: decorator
@external("asm", "userStore") export declare function userStore(to: usize, value: u32): i32;
/** Copies up to `limit` bytes up to and with the first zero; the length without the zero, `limit` when there was none, or -EFAULT. */
// @ts-ignore: decorator
@external("asm", "userCopyString") export declare function userCopyString(to: usize, from: usize, limit: usize): i32;

/** Whether [address, address + bytes) lies in user space. */
// @ts-ignore: decorator
@inline export function inUserSpace(address: usize, bytes: usize): bool {
  return bytes <= USER_END && address <= USER_END - bytes;
}

/** 0, or -EFAULT when the program cannot read all of it. */
export function copyFromUser(to: usize, from: usize, bytes: usize): i32 {
  if (!inUserSpace(from, bytes)) return -EFAULT;
  return userCopy(to, from, bytes);
}

/** 0, or -EFAULT when the program cannot write all of it. */
export function copyToUser(to: usize, from: usize, bytes: usize): i32 {
  if (!inUserSpace(to, bytes)) return -EFAULT;
  return userCopy(to, from, bytes);
}

/** Zeroes user memory: 0 or -EFAULT. */
export function clearUser(to: usize, bytes: usize): i32 {
  if (!inUserSpace(to, bytes)) return -EFAULT;
  return userFill(to, 0, bytes);
}

/** A NUL-terminated string into `limit` bytes at `to`: its length without the NUL, -EFAULT, or -ENAMETOOLONG. */
export function copyStringFromUser(to: usize, from: usize, limit: usize): i32 {
  if (from >= USER_END) return -EFAULT;
  const room = min<usize>(limit, USER_END - from);
  const length = userCopyString(to, from, room);
  if (length < 0) return length;
  if (<usize>length < room) return length;
  return room < limit ? -EFAULT : -ENAMETOOLONG;
}

/** The u32 at a user address into the kernel's memory at `to`: 0 or -EFAULT. */
export function readUser32(to: usize, from: usize): i32 {
  return copyFromUser(to, from, 4);
}

/** One u32 to a user address: 0 or -EFAULT. */
export function writeUser32(to: usize, value: u32): i32 {
  if (!inUserSpace(to, 4)) return -EFAULT;
  return userStore(to, value);
}
