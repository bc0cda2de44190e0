import {
  SYS_RESTART_SYSCALL, SYS_EXIT, SYS_FORK, SYS_READ, SYS_WRITE, SYS_OPEN, SYS_CLOSE, SYS_WAITPID, SYS_CREAT, SYS_LINK, SYS_UNLINK, SYS_EXECVE, SYS_CHDIR,
  SYS_TIME, SYS_MKNOD, SYS_CHMOD, SYS_LSEEK, SYS_GETPID, SYS_MOUNT, SYS_ALARM, SYS_PAUSE, SYS_ACCESS, SYS_SYNC, SYS_KILL, SYS_RENAME, SYS_MKDIR,
  SYS_RMDIR, SYS_DUP, SYS_PIPE, SYS_TIMES, SYS_BRK, SYS_IOCTL, SYS_FCNTL, SYS_SETPGID, SYS_UMASK, SYS_DUP2, SYS_GETPPID, SYS_GETPGRP,
  SYS_SETSID, SYS_SYMLINK, SYS_READLINK, SYS_REBOOT, SYS_MUNMAP, SYS_FTRUNCATE, SYS_WAIT4, SYS_SYSINFO, SYS_SIGRETURN, SYS_CLONE,
  SYS_UNAME, SYS_MPROTECT, SYS_GETPGID, SYS_FCHDIR, SYS__LLSEEK, SYS_READV, SYS_WRITEV, SYS_GETSID, SYS_SCHED_YIELD, SYS_NANOSLEEP,
  SYS_POLL, SYS_RT_SIGRETURN, SYS_RT_SIGACTION, SYS_RT_SIGPROCMASK, SYS_RT_SIGPENDING, SYS_RT_SIGSUSPEND, SYS_GETCWD, SYS_VFORK,
  SYS_UGETRLIMIT, SYS_MMAP2, SYS_TRUNCATE64, SYS_FTRUNCATE64, SYS_STAT64, SYS_LSTAT64, SYS_FSTAT64, SYS_GETUID32, SYS_GETGID32,
  SYS_GETEUID32, SYS_GETEGID32, SYS_GETDENTS64, SYS_FCNTL64, SYS_GETTID, SYS_SENDFILE64, SYS_SET_THREAD_AREA, SYS_EXIT_GROUP,
  SYS_SET_TID_ADDRESS, SYS_CLOCK_GETTIME, SYS_CLOCK_NANOSLEEP, SYS_TGKILL, SYS_OPENAT, SYS_FSTATAT64, SYS_DUP3, SYS_PIPE2, SYS_GETRANDOM, SYS_FCHMOD,
  SYS_FSYNC, SYS_FDATASYNC, SYS_PREAD64, SYS_PWRITE64, SYS_MKNODAT,
} from "@mercury/abi/metal";
import { TrapFrame } from "../trap/frame";
import { setSystemCall } from "./dispatch";
import { sysDup, sysDup2, sysDup3, sysFcntl, sysIoctl, sysPipe, sysPipe2 } from "./descriptor";
import { sysChdir, sysFchdir, sysGetcwd } from "./directory";
import { sysGetdents64 } from "./getdents";
import { sysGetpgid, sysGetpgrp, sysGetsid, sysSetpgid, sysSetsid } from "./groups";
import { sysBrk, sysMmap2, sysMprotect, sysMunmap } from "./memory";
import { sysMount } from "./mount";
import { sysAccess, sysChmod, sysFchmod, sysUmask } from "./mode";
import { sysLink, sysMkdir, sysMknod, sysMknodat, sysReadlink, sysRename, sysRmdir, sysSymlink, sysUnlink } from "./names";
import { sysClose, sysCreat, sysOpen, sysOpenat } from "./open";
import { sysPoll } from "./poll";
import { sysClone, sysExecve, sysExit, sysFork, sysGetpid, sysGetppid, sysSetTidAddress, sysWait4, sysWaitpid } from "./process";
import { sysPread64, sysRead, sysReadv } from "./read";
import { sysFtruncate, sysFtruncate64, sysTruncate64 } from "./resize";
import { sysLlseek, sysLseek } from "./seek";
import { sysSendfile64 } from "./sendfile";
import {
  sysAlarm, sysKill, sysPause, sysRtSigaction, sysRtSigpending, sysRtSigprocmask, sysRtSigreturn, sysRtSigsuspend, sysSigreturn, sysTgkill,
} from "./signal";
import { sysFstat64, sysFstatat64, sysLstat64, sysStat64 } from "./stat";
import { sysFsync, sysSync } from "./sync";
import { sysReboot } from "./power";
import { sysGetIdentity, sysGetrandom, sysSchedYield, sysSysinfo, sysUgetrlimit, sysUname } from "./system";
import { sysSetThreadArea } from "./thread-area";
import { sysClockGettime, sysClockNanosleep, sysNanosleep, sysRestartSyscall, sysTime, sysTimes } from "./time";
import { sysPwrite64, sysWrite, sysWritev } from "./write";

/** The system calls: one row for each of the contract's table, whose test says that none is missing (core.test.ts). */

function row(number: u32, handler: (frame: TrapFrame) => i32): void {
  setSystemCall(number, handler.index);
}

/** Fills the dispatch table. */
export function installSystemCalls(): void {
  installLow();
  installMiddle();
  installHigh();
}

function installLow(): void {
  row(SYS_RESTART_SYSCALL, (f: TrapFrame): i32 => sysRestartSyscall());
  row(SYS_EXIT, (f: TrapFrame): i32 => sysExit(f.ebx));
  row(SYS_FORK, (f: TrapFrame): i32 => sysFork());
  row(SYS_READ, (f: TrapFrame): i32 => sysRead(f.ebx, f.ecx, f.edx));
  row(SYS_WRITE, (f: TrapFrame): i32 => sysWrite(f.ebx, f.ecx, f.edx));
  row(SYS_OPEN, (f: TrapFrame): i32 => sysOpen(f.ebx, f.ecx, f.edx));
  row(SYS_CLOSE, (f: TrapFrame): i32 => sysClose(f.ebx));
  row(SYS_WAITPID, (f: TrapFrame): i32 => sysWaitpid(f.ebx, f.ecx, f.edx));
  row(SYS_CREAT, (f: TrapFrame): i32 => sysCreat(f.ebx, f.ecx));
  row(SYS_LINK, (f: TrapFrame): i32 => sysLink(f.ebx, f.ecx));
  row(SYS_UNLINK, (f: TrapFrame): i32 => sysUnlink(f.ebx));
  row(SYS_EXECVE, (f: TrapFrame): i32 => sysExecve(f.ebx, f.ecx, f.edx));
  row(SYS_CHDIR, (f: TrapFrame): i32 => sysChdir(f.ebx));
  row(SYS_TIME, (f: TrapFrame): i32 => sysTime(f.ebx));
  row(SYS_MKNOD, (f: TrapFrame): i32 => sysMknod(f.ebx, f.ecx, f.edx));
  row(SYS_CHMOD, (f: TrapFrame): i32 => sysChmod(f.ebx, f.ecx));
  row(SYS_LSEEK, (f: TrapFrame): i32 => sysLseek(f.ebx, f.ecx, f.edx));
  row(SYS_GETPID, (f: TrapFrame): i32 => sysGetpid());
  row(SYS_MOUNT, (f: TrapFrame): i32 => sysMount(f.ebx, f.ecx, f.edx, f.esi, f.edi));
  row(SYS_ALARM, (f: TrapFrame): i32 => sysAlarm(f.ebx));
  row(SYS_PAUSE, (f: TrapFrame): i32 => sysPause());
  row(SYS_ACCESS, (f: TrapFrame): i32 => sysAccess(f.ebx, f.ecx));
  row(SYS_SYNC, (f: TrapFrame): i32 => sysSync());
  row(SYS_KILL, (f: TrapFrame): i32 => sysKill(f.ebx, f.ecx));
  row(SYS_RENAME, (f: TrapFrame): i32 => sysRename(f.ebx, f.ecx));
  row(SYS_MKDIR, (f: TrapFrame): i32 => sysMkdir(f.ebx, f.ecx));
  row(SYS_RMDIR, (f: TrapFrame): i32 => sysRmdir(f.ebx));
  row(SYS_DUP, (f: TrapFrame): i32 => sysDup(f.ebx));
  row(SYS_PIPE, (f: TrapFrame): i32 => sysPipe(f.ebx));
  row(SYS_TIMES, (f: TrapFrame): i32 => sysTimes(f.ebx));
  row(SYS_BRK, (f: TrapFrame): i32 => sysBrk(f.ebx));
  row(SYS_IOCTL, (f: TrapFrame): i32 => sysIoctl(f.ebx, f.ecx, f.edx));
  row(SYS_FCNTL, (f: TrapFrame): i32 => sysFcntl(f.ebx, f.ecx, f.edx));
  row(SYS_SETPGID, (f: TrapFrame): i32 => sysSetpgid(f.ebx, f.ecx));
  row(SYS_UMASK, (f: TrapFrame): i32 => sysUmask(f.ebx));
  row(SYS_DUP2, (f: TrapFrame): i32 => sysDup2(f.ebx, f.ecx));
  row(SYS_GETPPID, (f: TrapFrame): i32 => sysGetppid());
  row(SYS_GETPGRP, (f: TrapFrame): i32 => sysGetpgrp());
}

function installMiddle(): void {
  row(SYS_SETSID, (f: TrapFrame): i32 => sysSetsid());
  row(SYS_SYMLINK, (f: TrapFrame): i32 => sysSymlink(f.ebx, f.ecx));
  row(SYS_READLINK, (f: TrapFrame): i32 => sysReadlink(f.ebx, f.ecx, f.edx));
  row(SYS_REBOOT, (f: TrapFrame): i32 => sysReboot(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_MUNMAP, (f: TrapFrame): i32 => sysMunmap(f.ebx, f.ecx));
  row(SYS_FTRUNCATE, (f: TrapFrame): i32 => sysFtruncate(f.ebx, f.ecx));
  row(SYS_FCHMOD, (f: TrapFrame): i32 => sysFchmod(f.ebx, f.ecx));
  row(SYS_FSYNC, (f: TrapFrame): i32 => sysFsync(f.ebx));
  row(SYS_FDATASYNC, (f: TrapFrame): i32 => sysFsync(f.ebx));
  row(SYS_PREAD64, (f: TrapFrame): i32 => sysPread64(f.ebx, f.ecx, f.edx, f.esi, f.edi));
  row(SYS_PWRITE64, (f: TrapFrame): i32 => sysPwrite64(f.ebx, f.ecx, f.edx, f.esi, f.edi));
  row(SYS_WAIT4, (f: TrapFrame): i32 => sysWait4(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_SYSINFO, (f: TrapFrame): i32 => sysSysinfo(f.ebx));
  row(SYS_SIGRETURN, (f: TrapFrame): i32 => sysSigreturn());
  row(SYS_CLONE, (f: TrapFrame): i32 => sysClone(f.ebx, f.ecx, f.edx, f.esi, f.edi));
  row(SYS_UNAME, (f: TrapFrame): i32 => sysUname(f.ebx));
  row(SYS_MPROTECT, (f: TrapFrame): i32 => sysMprotect(f.ebx, f.ecx, f.edx));
  row(SYS_GETPGID, (f: TrapFrame): i32 => sysGetpgid(f.ebx));
  row(SYS_FCHDIR, (f: TrapFrame): i32 => sysFchdir(f.ebx));
  row(SYS__LLSEEK, (f: TrapFrame): i32 => sysLlseek(f.ebx, f.ecx, f.edx, f.esi, f.edi));
  row(SYS_READV, (f: TrapFrame): i32 => sysReadv(f.ebx, f.ecx, f.edx));
  row(SYS_WRITEV, (f: TrapFrame): i32 => sysWritev(f.ebx, f.ecx, f.edx));
  row(SYS_GETSID, (f: TrapFrame): i32 => sysGetsid(f.ebx));
  row(SYS_SCHED_YIELD, (f: TrapFrame): i32 => sysSchedYield());
  row(SYS_NANOSLEEP, (f: TrapFrame): i32 => sysNanosleep(f.ebx, f.ecx));
  row(SYS_POLL, (f: TrapFrame): i32 => sysPoll(f.ebx, f.ecx, f.edx));
  row(SYS_RT_SIGRETURN, (f: TrapFrame): i32 => sysRtSigreturn());
  row(SYS_RT_SIGACTION, (f: TrapFrame): i32 => sysRtSigaction(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_RT_SIGPROCMASK, (f: TrapFrame): i32 => sysRtSigprocmask(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_RT_SIGPENDING, (f: TrapFrame): i32 => sysRtSigpending(f.ebx, f.ecx));
  row(SYS_RT_SIGSUSPEND, (f: TrapFrame): i32 => sysRtSigsuspend(f.ebx, f.ecx));
  row(SYS_GETCWD, (f: TrapFrame): i32 => sysGetcwd(f.ebx, f.ecx));
  row(SYS_VFORK, (f: TrapFrame): i32 => sysFork());
  row(SYS_UGETRLIMIT, (f: TrapFrame): i32 => sysUgetrlimit(f.ebx, f.ecx));
  row(SYS_MMAP2, (f: TrapFrame): i32 => sysMmap2(f.ebx, f.ecx, f.edx, f.esi, f.edi, f.ebp));
  row(SYS_TRUNCATE64, (f: TrapFrame): i32 => sysTruncate64(f.ebx, f.ecx, f.edx));
  row(SYS_FTRUNCATE64, (f: TrapFrame): i32 => sysFtruncate64(f.ebx, f.ecx, f.edx));
  row(SYS_STAT64, (f: TrapFrame): i32 => sysStat64(f.ebx, f.ecx));
  row(SYS_LSTAT64, (f: TrapFrame): i32 => sysLstat64(f.ebx, f.ecx));
  row(SYS_FSTAT64, (f: TrapFrame): i32 => sysFstat64(f.ebx, f.ecx));
  row(SYS_GETUID32, (f: TrapFrame): i32 => sysGetIdentity());
}

function installHigh(): void {
  row(SYS_GETGID32, (f: TrapFrame): i32 => sysGetIdentity());
  row(SYS_GETEUID32, (f: TrapFrame): i32 => sysGetIdentity());
  row(SYS_GETEGID32, (f: TrapFrame): i32 => sysGetIdentity());
  row(SYS_GETDENTS64, (f: TrapFrame): i32 => sysGetdents64(f.ebx, f.ecx, f.edx));
  row(SYS_FCNTL64, (f: TrapFrame): i32 => sysFcntl(f.ebx, f.ecx, f.edx));
  row(SYS_GETTID, (f: TrapFrame): i32 => sysGetpid());
  row(SYS_SENDFILE64, (f: TrapFrame): i32 => sysSendfile64(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_SET_THREAD_AREA, (f: TrapFrame): i32 => sysSetThreadArea(f.ebx));
  row(SYS_EXIT_GROUP, (f: TrapFrame): i32 => sysExit(f.ebx));
  row(SYS_SET_TID_ADDRESS, (f: TrapFrame): i32 => sysSetTidAddress(f.ebx));
  row(SYS_CLOCK_GETTIME, (f: TrapFrame): i32 => sysClockGettime(f.ebx, f.ecx));
  row(SYS_CLOCK_NANOSLEEP, (f: TrapFrame): i32 => sysClockNanosleep(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_TGKILL, (f: TrapFrame): i32 => sysTgkill(f.ebx, f.ecx, f.edx));
  row(SYS_OPENAT, (f: TrapFrame): i32 => sysOpenat(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_MKNODAT, (f: TrapFrame): i32 => sysMknodat(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_FSTATAT64, (f: TrapFrame): i32 => sysFstatat64(f.ebx, f.ecx, f.edx, f.esi));
  row(SYS_DUP3, (f: TrapFrame): i32 => sysDup3(f.ebx, f.ecx, f.edx));
  row(SYS_PIPE2, (f: TrapFrame): i32 => sysPipe2(f.ebx, f.ecx));
  row(SYS_GETRANDOM, (f: TrapFrame): i32 => sysGetrandom(f.ebx, f.ecx, f.edx));
}
