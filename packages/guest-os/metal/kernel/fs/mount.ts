/** Mounted file systems: which directory of one another one covers. */
import { EBUSY, ENODEV, ENOMEM, ENOTDIR, PAGE_SIZE } from "@mercury/abi/metal";
import { cstr } from "@mercury/toolchain/metal";
import { allocateFrame, linear, releaseFrame } from "../mm/frames";
import { Inode, holdInode, isDirectory, isError, releaseInode } from "./inode";
import { lookupPath, root } from "./path";
import { newSystemProcRoot } from "./proc/root";
import { newRamRoot } from "./ramfs";
import { put } from "./proc/text";
import { pathOf } from "./working-directory";

// @ts-ignore: decorator
@unmanaged class Mount {
  root: Inode;
  /** NUL-terminated name of the file system's kind. */
  kind: usize;
}
const MOUNT_SIZE: u32 = 8;
const MOUNTS: u32 = 32;
const table: usize = memory.data(256, 4);
let count: u32 = 0;

// @ts-ignore: decorator
@inline export function mountAt(index: u32): Mount {
  return changetype<Mount>(table + index * MOUNT_SIZE);
}

/** Mounts a fresh file system of a kind on the directory that a path names: 0 or a negated errno. Both are in the kernel's memory. */
export function mountKind(base: Inode, path: usize, kind: usize): i32 {
  const found = lookupPath(base, path, true);
  if (isError(found)) return <i32>found;
  const directory = changetype<Inode>(found);
  const failed = mountOn(directory, kind);
  releaseInode(directory);
  return failed;
}

function mountOn(directory: Inode, kind: usize): i32 {
  if (!isDirectory(directory)) return -ENOTDIR;
  if (directory === root() || directory.covers !== null || directory.mounted !== null || count == MOUNTS) return -EBUSY;
  const name = knownKind(kind);
  if (name == 0) return -ENODEV;
  const top = same(name, cstr`proc`) ? newSystemProcRoot() : newRamRoot(0o755);
  if (top === null) return -ENOMEM;
  const mount = mountAt(count++);
  mount.root = top;
  mount.kind = name;
  top.covers = holdInode(directory);
  directory.mounted = top;
  return 0;
}

function same(left: usize, right: usize): bool {
  let at: usize = 0;
  while (load<u8>(left + at) == load<u8>(right + at)) if (load<u8>(left + at++) == 0) return true;
  return false;
}

/** The kind's own name, or 0 when there is no such kind. */
function knownKind(kind: usize): usize {
  if (same(kind, cstr`proc`)) return cstr`proc`;
  if (same(kind, cstr`ramfs`)) return cstr`ramfs`;
  return same(kind, cstr`tmpfs`) ? cstr`tmpfs` : 0;
}

/** /proc/mounts. */
export function putMounts(): i32 {
  const frame = allocateFrame();
  if (frame == 0) return -ENOMEM;
  put(cstr`rootfs / rootfs rw 0 0\n`);
  for (let index: u32 = 0; index < count; index++) {
    const mount = mountAt(index);
    const path = pathOf(mount.root, linear(frame), linear(frame) + PAGE_SIZE);
    if (isError(path)) continue;
    put(mount.kind);
    put(cstr` `);
    put(path);
    put(cstr` `);
    put(mount.kind);
    put(cstr` rw 0 0\n`);
  }
  releaseFrame(frame);
  return 0;
}
