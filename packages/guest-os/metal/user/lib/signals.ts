/** Signal names of Linux i386 (signal(7)), 1 to 31. */
import { cstr } from "@mercury/toolchain/metal";
import { equal, isNumber, startsWith, toNumber } from "./text";

/** Name without SIG, or 0. */
export function signalName(number: u32): usize {
  switch (number) {
    case 1: return cstr`HUP`;
    case 2: return cstr`INT`;
    case 3: return cstr`QUIT`;
    case 4: return cstr`ILL`;
    case 5: return cstr`TRAP`;
    case 6: return cstr`ABRT`;
    case 7: return cstr`BUS`;
    case 8: return cstr`FPE`;
    case 9: return cstr`KILL`;
    case 10: return cstr`USR1`;
    case 11: return cstr`SEGV`;
    case 12: return cstr`USR2`;
    case 13: return cstr`PIPE`;
    case 14: return cstr`ALRM`;
    case 15: return cstr`TERM`;
    case 16: return cstr`STKFLT`;
    case 17: return cstr`CHLD`;
    case 18: return cstr`CONT`;
    case 19: return cstr`STOP`;
    case 20: return cstr`TSTP`;
    case 21: return cstr`TTIN`;
    case 22: return cstr`TTOU`;
    case 23: return cstr`URG`;
    case 24: return cstr`XCPU`;
    case 25: return cstr`XFSZ`;
    case 26: return cstr`VTALRM`;
    case 27: return cstr`PROF`;
    case 28: return cstr`WINCH`;
    case 29: return cstr`IO`;
    case 30: return cstr`PWR`;
    case 31: return cstr`SYS`;
    default: return 0;
  }
}

/** Number of a signal given as number, name, or name with SIG; -1 when there is none. */
export function signalNumber(text: usize): i32 {
  if (isNumber(text)) return toNumber(text) <= 64 ? toNumber(text) : -1;
  const name = startsWith(text, cstr`SIG`) ? text + 3 : text;
  for (let number: u32 = 1; number < 32; number++) if (equal(signalName(number), name)) return number;
  return -1;
}

/** What a shell says of a process that a signal ended. */
export function signalText(number: u32): usize {
  switch (number) {
    case 4: return cstr`Illegal instruction`;
    case 5: return cstr`Trace/breakpoint trap`;
    case 6: return cstr`Aborted`;
    case 7: return cstr`Bus error`;
    case 8: return cstr`Arithmetic exception`;
    case 9: return cstr`Killed`;
    case 11: return cstr`Segmentation fault`;
    case 14: return cstr`Alarm clock`;
    case 15: return cstr`Terminated`;
    default: return signalName(number);
  }
}
