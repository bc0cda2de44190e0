/** What a person reads when a system call fails (the wording of POSIX strerror), and how programs say it. */
import { cstr } from "@mercury/toolchain/metal";
import {
  E2BIG, EACCES, EAGAIN, EBADF, EBUSY, ECHILD, EEXIST, EFAULT, EFBIG, EINTR, EINVAL, EIO, EISDIR, ELOOP, EMFILE, EMLINK, ENAMETOOLONG, ENODEV, ENOENT, ENOEXEC, ENOMEM,
  ENOSPC, ENOSYS, ENOTDIR, ENOTEMPTY, ENOTTY, ENXIO, EOPNOTSUPP, EPERM, EPIPE, ESPIPE, ESRCH, EXDEV,
} from "@mercury/abi/metal";
import { beginError, endError, put, putByte } from "./print";

export function errorText(error: i32): usize {
  switch (error) {
    case EPERM: return cstr`Operation not permitted`;
    case ENOENT: return cstr`No such file or directory`;
    case ESRCH: return cstr`No such process`;
    case EINTR: return cstr`Interrupted system call`;
    case EIO: return cstr`Input/output error`;
    case ENXIO: return cstr`No such device or address`;
    case E2BIG: return cstr`Argument list too long`;
    case ENOEXEC: return cstr`Exec format error`;
    case EBADF: return cstr`Bad file descriptor`;
    case ECHILD: return cstr`No child processes`;
    case EAGAIN: return cstr`Resource temporarily unavailable`;
    case ENOMEM: return cstr`Cannot allocate memory`;
    case EACCES: return cstr`Permission denied`;
    case EFAULT: return cstr`Bad address`;
    case EBUSY: return cstr`Device or resource busy`;
    case EEXIST: return cstr`File exists`;
    case EXDEV: return cstr`Invalid cross-device link`;
    case ENODEV: return cstr`No such device`;
    case ENOTDIR: return cstr`Not a directory`;
    case EISDIR: return cstr`Is a directory`;
    case EINVAL: return cstr`Invalid argument`;
    case EMFILE: return cstr`Too many open files`;
    case ENOTTY: return cstr`Inappropriate ioctl for device`;
    case EFBIG: return cstr`File too large`;
    case ENOSPC: return cstr`No space left on device`;
    case ESPIPE: return cstr`Illegal seek`;
    case EMLINK: return cstr`Too many links`;
    case EPIPE: return cstr`Broken pipe`;
    case ENAMETOOLONG: return cstr`File name too long`;
    case ENOSYS: return cstr`Function not implemented`;
    case ENOTEMPTY: return cstr`Directory not empty`;
    case ELOOP: return cstr`Too many levels of symbolic links`;
    case EOPNOTSUPP: return cstr`Operation not supported`;
    default: return cstr`Unknown error`;
  }
}

/** `cat: /x: No such file or directory` on standard error; the exit status 1. */
export function complain(program: usize, what: usize, result: i32): i32 {
  return complainText(program, what, errorText(-result));
}

/** `kill: abc: not a process number` on standard error; the exit status 1. `what` may be 0. */
export function complainText(program: usize, what: usize, text: usize): i32 {
  beginError();
  put(program);
  put(cstr`: `);
  if (what != 0) {
    put(what);
    put(cstr`: `);
  }
  put(text);
  putByte(0x0a);
  endError();
  return 1;
}

/** `usage: kill [-SIGNAL] PID...` on standard error; the exit status 2. */
export function usage(text: usize): i32 {
  beginError();
  put(cstr`usage: `);
  put(text);
  putByte(0x0a);
  endError();
  return 2;
}
