import { EACCES, EBADF, EINVAL, ENODEV, ENOMEM, PAGE_SIZE, USER_END } from "@mercury/abi/metal";
import { O_ACCMODE, O_RDWR, O_WRONLY } from "../../linux/files";
import { File } from "../fs/file";
import { MAXIMUM_SIZE, isRegular } from "../fs/inode";
import { fileOf } from "../fs/table";
import { AREA_SHARED, AREA_WRITE, pageUp, rangeFree } from "../mm/area";
import { mapRange, protectRange, setBreak, unmapRange } from "../mm/map";
import { Space, areasOf } from "../mm/space";
import { current } from "../sched/task";

/** Memory of the calling program. */

// mmap(2) (include/uapi/asm-generic/mman-common.h); PROT_READ, PROT_WRITE and PROT_EXEC are the area flags themselves.
const PROT_MASK: u32 = 7;
const MAP_SHARED: u32 = 0x01;
const MAP_PRIVATE: u32 = 0x02;
const MAP_TYPE: u32 = 0x0f;
const MAP_FIXED: u32 = 0x10;
const MAP_ANONYMOUS: u32 = 0x20;
const MAP_FIXED_NOREPLACE: u32 = 0x10_0000;
const LOWEST: usize = 0x1000;

function ownSpace(): Space {
  return current().space!;
}

/** Whether [address, address + length) is a range that a program may map; length is not 0. */
function isMappable(address: usize, length: usize): bool {
  return (address & (PAGE_SIZE - 1)) == 0 && address >= LOWEST && length <= USER_END && address <= USER_END - length;
}

export function sysBrk(address: u32): i32 {
  return <i32>setBreak(ownSpace(), address);
}

export function sysMmap2(address: u32, length: u32, protection: u32, flags: u32, fd: u32, pageOffset: u32): i32 {
  const size = pageUp(length);
  const type = flags & MAP_TYPE;
  if (length == 0 || (type != MAP_SHARED && type != MAP_PRIVATE)) return -EINVAL;
  if (size == 0 || size > USER_END) return -ENOMEM;
  const rights = (protection & PROT_MASK) | (type == MAP_SHARED ? AREA_SHARED : 0);
  const place = placeOf(address, size, flags);
  if (place == BAD_PLACE) return -EINVAL;
  if ((flags & MAP_ANONYMOUS) != 0) return <i32>mapRange(ownSpace(), place, size, rights, null, 0, 0);
  if (pageOffset >= 0x8_0000) return -EINVAL;
  return mapFile(place, size, rights, fd, pageOffset << 12);
}

const BAD_PLACE: usize = 1;

/** Where to map: the address of a fixed mapping, a hint that is free, or 0 for anywhere. */
function placeOf(address: usize, size: usize, flags: u32): usize {
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) return isMappable(address, size) ? address : BAD_PLACE;
  const hint = address & ~(PAGE_SIZE - 1);
  return hint != 0 && isMappable(hint, size) && rangeFree(areasOf(ownSpace()), hint, hint + size) ? hint : 0;
}

function mapFile(place: usize, size: usize, rights: u32, fd: u32, offset: u32): i32 {
  const file = fileOf(current().files!, fd);
  if (file === null) return -EBADF;
  if (!isRegular(file.inode)) return -ENODEV;
  if (!allows(file, rights)) return -EACCES;
  return <i32>mapRange(ownSpace(), place, size, rights, file.inode, offset, MAXIMUM_SIZE);
}

/** A mapping needs a file open for reading, a shared writable one also for writing. */
function allows(file: File, rights: u32): bool {
  const mode = file.flags & O_ACCMODE;
  if (mode == O_WRONLY) return false;
  return (rights & (AREA_SHARED | AREA_WRITE)) != (AREA_SHARED | AREA_WRITE) || mode == O_RDWR;
}

export function sysMunmap(address: u32, length: u32): i32 {
  const size = pageUp(length);
  if (size == 0 || (address & (<u32>PAGE_SIZE - 1)) != 0 || size > USER_END || address > USER_END - size) return -EINVAL;
  return unmapRange(ownSpace(), address, address + size);
}

export function sysMprotect(address: u32, length: u32, protection: u32): i32 {
  const size = pageUp(length);
  if ((address & (<u32>PAGE_SIZE - 1)) != 0 || (protection & ~PROT_MASK) != 0) return -EINVAL;
  if (size == 0) return 0;
  if (!isMappable(address, size)) return -ENOMEM;
  return protectRange(ownSpace(), address, address + size, protection);
}
