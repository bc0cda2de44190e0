/** System calls as functions: the result is never negative, or a negated errno. */
import { syscall0, syscall1, syscall2, syscall3, syscall4, syscall5, syscall6 } from "@mercury/toolchain/metal";
import {
  SYS_BRK, SYS_CHDIR, SYS_CHMOD, SYS_CLOCK_GETTIME, SYS_CLOSE, SYS_DUP2, SYS_EXECVE, SYS_EXIT, SYS_FCNTL, SYS_FORK, SYS_GETCWD, SYS_GETDENTS64, SYS_GETPID, SYS_GETPPID,
  SYS_GETPGRP, SYS_IOCTL, SYS_KILL, SYS_LINK, SYS_LSEEK, SYS_LSTAT64, SYS_MKDIR, SYS_MOUNT, SYS_NANOSLEEP, SYS_OPEN, SYS_PIPE, SYS_POLL, SYS_READ, SYS_READLINK, SYS_REBOOT,
  SYS_RENAME, SYS_RMDIR, SYS_RT_SIGACTION, SYS_RT_SIGPROCMASK, SYS_RT_SIGSUSPEND, SYS_SETPGID, SYS_SETSID, SYS_STAT64, SYS_SYMLINK, SYS_UNLINK, SYS_WAIT4, SYS_WRITE, SYS_ALARM,
  SYS_MMAP2, SYS_MUNMAP, SYS_FTRUNCATE64, SYS_SCHED_YIELD,
} from "@mercury/abi/metal";

export function read(fd: i32, buffer: usize, count: u32): i32 { return syscall3(SYS_READ, fd, buffer, count); }
export function write(fd: i32, buffer: usize, count: u32): i32 { return syscall3(SYS_WRITE, fd, buffer, count); }
export function open(path: usize, flags: u32, mode: u32): i32 { return syscall3(SYS_OPEN, path, flags, mode); }
export function close(fd: i32): i32 { return syscall1(SYS_CLOSE, fd); }
export function seek(fd: i32, offset: i32, whence: u32): i32 { return syscall3(SYS_LSEEK, fd, offset, whence); }
export function truncate(fd: i32, length: u32): i32 { return syscall3(SYS_FTRUNCATE64, fd, length, 0); }
export function duplicate(from: i32, to: i32): i32 { return syscall2(SYS_DUP2, from, to); }
export function fileControl(fd: i32, command: u32, argument: u32): i32 { return syscall3(SYS_FCNTL, fd, command, argument); }
export function control(fd: i32, request: u32, argument: usize): i32 { return syscall3(SYS_IOCTL, fd, request, argument); }
/** `fds`: two i32, the read end first. */
export function pipe(fds: usize): i32 { return syscall1(SYS_PIPE, fds); }
export function poll(descriptors: usize, count: u32, milliseconds: i32): i32 { return syscall3(SYS_POLL, descriptors, count, milliseconds); }

export function status(path: usize, result: usize): i32 { return syscall2(SYS_STAT64, path, result); }
export function linkStatus(path: usize, result: usize): i32 { return syscall2(SYS_LSTAT64, path, result); }
export function readLink(path: usize, buffer: usize, size: u32): i32 { return syscall3(SYS_READLINK, path, buffer, size); }
export function readDirectory(fd: i32, buffer: usize, size: u32): i32 { return syscall3(SYS_GETDENTS64, fd, buffer, size); }
export function makeDirectory(path: usize, mode: u32): i32 { return syscall2(SYS_MKDIR, path, mode); }
export function removeDirectory(path: usize): i32 { return syscall1(SYS_RMDIR, path); }
export function unlink(path: usize): i32 { return syscall1(SYS_UNLINK, path); }
export function link(old: usize, path: usize): i32 { return syscall2(SYS_LINK, old, path); }
export function symbolicLink(target: usize, path: usize): i32 { return syscall2(SYS_SYMLINK, target, path); }
export function rename(old: usize, path: usize): i32 { return syscall2(SYS_RENAME, old, path); }
export function changeMode(path: usize, mode: u32): i32 { return syscall2(SYS_CHMOD, path, mode); }
export function changeDirectory(path: usize): i32 { return syscall1(SYS_CHDIR, path); }
export function workingDirectory(buffer: usize, size: u32): i32 { return syscall2(SYS_GETCWD, buffer, size); }
export function mountFilesystem(source: usize, target: usize, type: usize): i32 { return syscall5(SYS_MOUNT, source, target, type, 0, 0); }

/** Ends the process; does not return. */
export function exit(status: i32): void { syscall1(SYS_EXIT, status); }
export function fork(): i32 { return syscall0(SYS_FORK); }
export function execute(path: usize, argv: usize, environment: usize): i32 { return syscall3(SYS_EXECVE, path, argv, environment); }
export function waitFor(pid: i32, status: usize, options: u32): i32 { return syscall4(SYS_WAIT4, pid, status, options, 0); }
export function yieldProcessor(): i32 { return syscall0(SYS_SCHED_YIELD); }
export function processId(): i32 { return syscall0(SYS_GETPID); }
export function parentId(): i32 { return syscall0(SYS_GETPPID); }
export function processGroup(): i32 { return syscall0(SYS_GETPGRP); }
export function setProcessGroup(pid: i32, group: i32): i32 { return syscall2(SYS_SETPGID, pid, group); }
export function newSession(): i32 { return syscall0(SYS_SETSID); }
export function sendSignal(pid: i32, signal: u32): i32 { return syscall2(SYS_KILL, pid, signal); }
/** `action` and `old`: struct sigaction of the kernel (handler, flags, restorer, 64-bit mask). */
export function signalAction(signal: u32, action: usize, old: usize): i32 { return syscall4(SYS_RT_SIGACTION, signal, action, old, 8); }
export function signalMask(how: u32, set: usize, old: usize): i32 { return syscall4(SYS_RT_SIGPROCMASK, how, set, old, 8); }
export function signalSuspend(set: usize): i32 { return syscall2(SYS_RT_SIGSUSPEND, set, 8); }
export function alarm(seconds: u32): i32 { return syscall1(SYS_ALARM, seconds); }

/** `time`: seconds and nanoseconds, two u32. */
export function clockTime(clock: u32, time: usize): i32 { return syscall2(SYS_CLOCK_GETTIME, clock, time); }
export function sleepFor(request: usize, remaining: usize): i32 { return syscall2(SYS_NANOSLEEP, request, remaining); }

/** The end of the data segment, or the old one when `address` cannot be had. */
export function setBreak(address: usize): usize { return syscall1(SYS_BRK, address); }
/** Anonymous memory; `flags` is MAP_PRIVATE or MAP_SHARED, to which MAP_ANONYMOUS (0x20) is added. */
export function mapAnonymous(length: u32, protection: u32, flags: u32): i32 { return syscall6(SYS_MMAP2, 0, length, protection, flags | 0x20, -1, 0); }
export function unmap(address: usize, length: u32): i32 { return syscall2(SYS_MUNMAP, address, length); }

/** The arguments are those of reboot(2): two magic numbers, a command, and its argument. */
export function rebootSystem(command: u32, argument: usize): i32 { return syscall4(SYS_REBOOT, 0xfee1dead, 672274793, command, argument); }
