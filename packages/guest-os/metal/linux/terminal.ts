/** Terminal facts of the Linux i386 ABI that kernel and programs share (include/uapi/asm-generic/termbits.h and ioctls.h). */

export const TCGETS: u32 = 0x5401;
export const TCSETS: u32 = 0x5402;
export const TCSETSW: u32 = 0x5403;
export const TCSETSF: u32 = 0x5404;
export const TCSBRK: u32 = 0x5409;
export const TCXONC: u32 = 0x540a;
export const TCFLSH: u32 = 0x540b;
export const TIOCSCTTY: u32 = 0x540e;
export const TIOCGPGRP: u32 = 0x540f;
export const TIOCSPGRP: u32 = 0x5410;
export const TIOCOUTQ: u32 = 0x5411;
export const TIOCGWINSZ: u32 = 0x5413;
export const TIOCSWINSZ: u32 = 0x5414;
export const FIONREAD: u32 = 0x541b;
export const FIONBIO: u32 = 0x5421;
export const TIOCNOTTY: u32 = 0x5422;
export const TIOCGSID: u32 = 0x5429;
export const TCSBRKP: u32 = 0x5425;

/** Arguments of TCFLSH. */
export const TCIFLUSH: u32 = 0;
export const TCOFLUSH: u32 = 1;
export const TCIOFLUSH: u32 = 2;

/** struct termios as the kernel has it: four flag words, the discipline's number, nineteen control characters. */
// @ts-ignore: decorator
@unmanaged
export class Termios {
  input: u32;
  output: u32;
  control: u32;
  local: u32;
}
export const TERMIOS_LINE: usize = 16;
export const TERMIOS_CHARACTERS: usize = 17;
export const TERMIOS_SIZE: u32 = 36;

/** Input flags. */
export const ISTRIP: u32 = 0o40;
export const INLCR: u32 = 0o100;
export const IGNCR: u32 = 0o200;
export const ICRNL: u32 = 0o400;
export const IXON: u32 = 0o2000;
export const IUTF8: u32 = 0o40000;

/** Output flags. */
export const OPOST: u32 = 0o1;
export const ONLCR: u32 = 0o4;
export const OCRNL: u32 = 0o10;

/** Control flags: 115,200 baud, eight bits, receiver on, hang up on close. */
export const B115200: u32 = 0o10002;
export const CS8: u32 = 0o60;
export const CREAD: u32 = 0o200;
export const HUPCL: u32 = 0o2000;

/** Local flags. */
export const ISIG: u32 = 0o1;
export const ICANON: u32 = 0o2;
export const ECHO: u32 = 0o10;
export const ECHOE: u32 = 0o20;
export const ECHOK: u32 = 0o40;
export const ECHONL: u32 = 0o100;
export const NOFLSH: u32 = 0o200;
export const TOSTOP: u32 = 0o400;
export const ECHOCTL: u32 = 0o1000;
export const ECHOKE: u32 = 0o4000;
export const IEXTEN: u32 = 0o100000;

/** Indices of the control characters. */
export const VINTR: u32 = 0;
export const VQUIT: u32 = 1;
export const VERASE: u32 = 2;
export const VKILL: u32 = 3;
export const VEOF: u32 = 4;
export const VTIME: u32 = 5;
export const VMIN: u32 = 6;
export const VSTART: u32 = 8;
export const VSTOP: u32 = 9;
export const VSUSP: u32 = 10;
export const VEOL: u32 = 11;
export const VREPRINT: u32 = 12;
export const VWERASE: u32 = 14;
export const VLNEXT: u32 = 15;
export const VEOL2: u32 = 16;

/** struct winsize. */
// @ts-ignore: decorator
@unmanaged
export class WindowSize {
  rows: u16;
  columns: u16;
  pixelsWide: u16;
  pixelsHigh: u16;
}
