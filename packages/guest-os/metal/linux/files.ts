/** File facts of the Linux i386 ABI that kernel and programs share (include/uapi/asm-generic/fcntl.h, linux/stat.h, linux/fs.h). */

export const O_ACCMODE: u32 = 0o3;
export const O_RDONLY: u32 = 0o0;
export const O_WRONLY: u32 = 0o1;
export const O_RDWR: u32 = 0o2;
export const O_CREAT: u32 = 0o100;
export const O_EXCL: u32 = 0o200;
export const O_NOCTTY: u32 = 0o400;
export const O_TRUNC: u32 = 0o1000;
export const O_APPEND: u32 = 0o2000;
export const O_NONBLOCK: u32 = 0o4000;
export const O_LARGEFILE: u32 = 0o100000;
export const O_DIRECTORY: u32 = 0o200000;
export const O_NOFOLLOW: u32 = 0o400000;
export const O_CLOEXEC: u32 = 0o2000000;

export const F_DUPFD: u32 = 0;
export const F_GETFD: u32 = 1;
export const F_SETFD: u32 = 2;
export const F_GETFL: u32 = 3;
export const F_SETFL: u32 = 4;
export const F_DUPFD_CLOEXEC: u32 = 1030;
export const FD_CLOEXEC: u32 = 1;

export const AT_FDCWD: i32 = -100;
export const AT_SYMLINK_NOFOLLOW: u32 = 0x100;
export const AT_NO_AUTOMOUNT: u32 = 0x800;
export const AT_EMPTY_PATH: u32 = 0x1000;

export const SEEK_SET: u32 = 0;
export const SEEK_CUR: u32 = 1;
export const SEEK_END: u32 = 2;

export const R_OK: u32 = 4;
export const W_OK: u32 = 2;
export const X_OK: u32 = 1;

export const S_IFMT: u32 = 0o170000;
export const S_IFSOCK: u32 = 0o140000;
export const S_IFLNK: u32 = 0o120000;
export const S_IFREG: u32 = 0o100000;
export const S_IFBLK: u32 = 0o060000;
export const S_IFDIR: u32 = 0o040000;
export const S_IFCHR: u32 = 0o020000;
export const S_IFIFO: u32 = 0o010000;
/** Set user, set group, sticky. */
export const S_ISUID: u32 = 0o4000;
export const S_ISGID: u32 = 0o2000;
export const S_ISVTX: u32 = 0o1000;
/** Permission bits with set-id and sticky bits. */
export const S_IALLUGO: u32 = 0o7777;
export const S_IXUGO: u32 = 0o111;

/** Longest path with its NUL, and longest name in a directory (linux/limits.h). */
export const PATH_MAX: u32 = 4096;
export const NAME_MAX: u32 = 255;
/** Bytes that a pipe takes as one piece (linux/limits.h). */
export const PIPE_BUF: u32 = 4096;
/** Elements of an array for readv and writev (linux/uio.h). */
export const UIO_MAXIOV: u32 = 1024;

/** struct stat64 (arch/x86/include/uapi/asm/stat.h); 64-bit fields lie on 4-byte boundaries, hence the halves. */
// @ts-ignore: decorator
@unmanaged
export class Stat64 {
  deviceLow: u32;
  deviceHigh: u32;
  padding0: u32;
  shortInode: u32;
  mode: u32;
  links: u32;
  user: u32;
  group: u32;
  specialLow: u32;
  specialHigh: u32;
  padding1: u32;
  sizeLow: u32;
  sizeHigh: u32;
  blockSize: u32;
  blocksLow: u32;
  blocksHigh: u32;
  accessSeconds: u32;
  accessNanoseconds: u32;
  modifySeconds: u32;
  modifyNanoseconds: u32;
  changeSeconds: u32;
  changeNanoseconds: u32;
  inodeLow: u32;
  inodeHigh: u32;
}

/** struct linux_dirent64 (include/linux/dirent.h): inode u64, offset u64, length u16, type u8, then the NUL-terminated name. */
export const DIRENT_INODE: usize = 0;
export const DIRENT_OFFSET: usize = 8;
export const DIRENT_LENGTH: usize = 16;
export const DIRENT_TYPE: usize = 18;
export const DIRENT_NAME: usize = 19;

/** d_type is the file type's four bits of the mode (include/linux/fs_types.h). */
// @ts-ignore: decorator
@inline
export function directoryEntryType(mode: u32): u32 {
  return (mode & S_IFMT) >> 12;
}

/** struct pollfd and its events (include/uapi/asm-generic/poll.h). */
// @ts-ignore: decorator
@unmanaged
export class PollDescriptor {
  fd: i32;
  events: u16;
  returned: u16;
}
export const POLLIN: u32 = 0x001;
export const POLLOUT: u32 = 0x004;
export const POLLERR: u32 = 0x008;
export const POLLHUP: u32 = 0x010;
export const POLLNVAL: u32 = 0x020;
export const POLLRDNORM: u32 = 0x040;
export const POLLWRNORM: u32 = 0x100;

/** A device number as user space sees it, for numbers below 256 (include/linux/kdev_t.h new_encode_dev). */
// @ts-ignore: decorator
@inline
export function deviceNumber(major: u32, minor: u32): u32 {
  return (major << 8) | minor;
}
