/** Signal numbers and default actions of Linux i386 (include/uapi/asm-generic/signal.h, kernel/signal.c). */
export const SIGHUP: u32 = 1;
export const SIGINT: u32 = 2;
export const SIGQUIT: u32 = 3;
export const SIGILL: u32 = 4;
export const SIGTRAP: u32 = 5;
export const SIGABRT: u32 = 6;
export const SIGBUS: u32 = 7;
export const SIGFPE: u32 = 8;
export const SIGKILL: u32 = 9;
export const SIGUSR1: u32 = 10;
export const SIGSEGV: u32 = 11;
export const SIGUSR2: u32 = 12;
export const SIGPIPE: u32 = 13;
export const SIGALRM: u32 = 14;
export const SIGTERM: u32 = 15;
export const SIGCHLD: u32 = 17;
export const SIGCONT: u32 = 18;
export const SIGSTOP: u32 = 19;
export const SIGTSTP: u32 = 20;
export const SIGTTIN: u32 = 21;
export const SIGTTOU: u32 = 22;
export const SIGURG: u32 = 23;
export const SIGWINCH: u32 = 28;
/** The highest signal number. */
export const SIGNALS: u32 = 64;

/** handler values that are no address */
export const SIG_DFL: usize = 0;
export const SIG_IGN: usize = 1;

export const SA_NOCLDSTOP: u32 = 0x0000_0001;
export const SA_NOCLDWAIT: u32 = 0x0000_0002;
export const SA_SIGINFO: u32 = 0x0000_0004;
export const SA_RESTORER: u32 = 0x0400_0000;
export const SA_RESTART: u32 = 0x1000_0000;
export const SA_NODEFER: u32 = 0x4000_0000;
export const SA_RESETHAND: u32 = 0x8000_0000;

// si_code of signals that exceptions raise (include/uapi/asm-generic/siginfo.h).
/** By the kernel, for no reason that has a code of its own. */
export const SI_KERNEL: u32 = 0x80;
export const FPE_INTDIV: u32 = 1;
export const FPE_FLTDIV: u32 = 3;
export const FPE_FLTOVF: u32 = 4;
export const FPE_FLTUND: u32 = 5;
export const FPE_FLTRES: u32 = 6;
export const FPE_FLTINV: u32 = 7;
export const FPE_FLTUNK: u32 = 14;
export const SEGV_MAPERR: u32 = 1;
export const SEGV_ACCERR: u32 = 2;
export const BUS_ADRERR: u32 = 2;

/** A set with one signal in it. */
// @ts-ignore: decorator
@inline export function signalBit(signal: u32): u64 {
  return <u64>1 << <u64>(signal - 1);
}

/** Signals that no mask blocks and no action changes. */
export const UNBLOCKABLE: u64 = ((<u64>1) << 8) | ((<u64>1) << 18);
/** SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU */
export const STOP_SIGNALS: u64 = ((<u64>1) << 18) | ((<u64>1) << 19) | ((<u64>1) << 20) | ((<u64>1) << 21);
/** Default action "ignore": SIGCHLD, SIGCONT (beyond its effect), SIGURG, SIGWINCH. */
export const IGNORED_BY_DEFAULT: u64 = ((<u64>1) << 16) | ((<u64>1) << 17) | ((<u64>1) << 22) | ((<u64>1) << 27);
/** SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV: what an exception raises. */
export const FAULT_SIGNALS: u64 = ((<u64>1) << 3) | ((<u64>1) << 4) | ((<u64>1) << 6) | ((<u64>1) << 7) | ((<u64>1) << 10);
