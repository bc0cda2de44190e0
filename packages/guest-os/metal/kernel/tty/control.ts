/** ioctl(2) on a terminal (ioctl_tty(2)). */
import { EINVAL, ENOTTY } from "@mercury/abi/metal";
import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { discardQueued, queuedBytes } from "../dev/serial";
import { copyFromUser, copyToUser, readUser32, writeUser32 } from "../mm/user-copy";
import { SIGWINCH } from "../proc/signal-numbers";
import { signalGroup } from "../proc/signals";
import { current } from "../sched/task";
import {
  FIONREAD, ICANON, TCFLSH, TCGETS, TCIFLUSH, TCIOFLUSH, TCOFLUSH, TCSBRK, TCSBRKP, TCSETS, TCSETSF, TCSETSW, TCXONC, TERMIOS_SIZE, TIOCGPGRP,
  TIOCGSID, TIOCGWINSZ, TIOCNOTTY, TIOCOUTQ, TIOCSCTTY, TIOCSPGRP, TIOCSWINSZ, Termios,
} from "../../linux/terminal";
import { resumeReceiving } from "./input";
import { leaveTerminal, mayChange, setForeground, takeTerminal } from "./jobs";
import { canonicalChanged, flushInput, lineReady, typedBytes } from "./line";
import { pushOut } from "./output";
import { Terminal, hasLocal } from "./terminal";
import { awaitDrained } from "./write";

const WINDOW_SIZE: u32 = 8;
const incoming: usize = memory.data(36, 4);

export function controlTerminal(terminal: Terminal, request: u32, argument: usize): i32 {
  switch (request) {
    case TCGETS:
      return copyToUser(argument, changetype<usize>(terminal.settings), TERMIOS_SIZE);
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
      return changeSettings(terminal, request, argument);
    case TIOCGWINSZ:
      return copyToUser(argument, changetype<usize>(terminal.window), WINDOW_SIZE);
    case TIOCSWINSZ:
      return resizeWindow(terminal, argument);
    case TCSBRK:
    case TCSBRKP:
      return drain(terminal);
    case TCFLSH:
      return flush(terminal, <u32>argument);
    case TCXONC:
      return holdOutput(terminal, <u32>argument);
    case FIONREAD:
      return writeUser32(argument, readableBytes(terminal));
    case TIOCOUTQ:
      return writeUser32(argument, queuedBytes());
    default:
      return controlJobs(terminal, request, argument);
  }
}

function controlJobs(terminal: Terminal, request: u32, argument: usize): i32 {
  const owns = current().terminal === terminal;
  switch (request) {
    case TIOCSCTTY:
      return takeTerminal(terminal, argument == 1);
    case TIOCNOTTY:
      if (!owns) return -ENOTTY;
      leaveTerminal(current());
      return 0;
    case TIOCGPGRP:
      return owns ? writeUser32(argument, terminal.foreground) : -ENOTTY;
    case TIOCGSID:
      return owns ? writeUser32(argument, terminal.session) : -ENOTTY;
    case TIOCSPGRP:
      return foreground(terminal, argument);
    default:
      return -ENOTTY;
  }
}

function foreground(terminal: Terminal, argument: usize): i32 {
  const failed = readUser32(incoming, argument);
  return failed != 0 ? failed : setForeground(terminal, load<u32>(incoming));
}

/** TCSETSW waits for the output, TCSETSF also forgets the input. */
function changeSettings(terminal: Terminal, request: u32, argument: usize): i32 {
  const refused = mayChange(terminal);
  if (refused != 0) return refused;
  const waited = request == TCSETS ? 0 : awaitDrained(terminal);
  if (waited != 0) return waited;
  const failed = copyFromUser(incoming, argument, TERMIOS_SIZE);
  if (failed != 0) return failed;
  const flags = saveFlags();
  disableInterrupts();
  if (request == TCSETSF) flushInput(terminal);
  const local = changetype<Termios>(incoming).local;
  const changed = ((terminal.settings.local ^ local) & ICANON) != 0;
  memory.copy(changetype<usize>(terminal.settings), incoming, TERMIOS_SIZE);
  if (changed) canonicalChanged(terminal, hasLocal(terminal, ICANON));
  terminal.literal = 0;
  resumeReceiving(terminal);
  restoreFlags(flags);
  return 0;
}

function resizeWindow(terminal: Terminal, argument: usize): i32 {
  const failed = copyFromUser(incoming, argument, WINDOW_SIZE);
  if (failed != 0) return failed;
  if (load<u64>(incoming) == load<u64>(changetype<usize>(terminal.window))) return 0;
  memory.copy(changetype<usize>(terminal.window), incoming, WINDOW_SIZE);
  if (terminal.foreground != 0) signalGroup(terminal.foreground, SIGWINCH);
  return 0;
}

function drain(terminal: Terminal): i32 {
  const refused = mayChange(terminal);
  return refused != 0 ? refused : awaitDrained(terminal);
}

function flush(terminal: Terminal, which: u32): i32 {
  if (which > TCIOFLUSH) return -EINVAL;
  const refused = mayChange(terminal);
  if (refused != 0) return refused;
  const flags = saveFlags();
  disableInterrupts();
  if (which != TCOFLUSH) flushInput(terminal);
  if (which != TCIFLUSH) discardQueued();
  resumeReceiving(terminal);
  restoreFlags(flags);
  return 0;
}

/** TCOOFF 0 and TCOON 1 hold and release the output; TCIOFF 2 and TCION 3 would send ^S and ^Q, which our line has no use for. */
function holdOutput(terminal: Terminal, action: u32): i32 {
  if (action > 3) return -EINVAL;
  if (action > 1) return 0;
  const flags = saveFlags();
  disableInterrupts();
  terminal.stopped = action == 0 ? 1 : 0;
  pushOut(terminal);
  restoreFlags(flags);
  return 0;
}

function readableBytes(terminal: Terminal): u32 {
  if (!hasLocal(terminal, ICANON)) return typedBytes(terminal);
  return lineReady(terminal) ? terminal.complete - terminal.taken : 0;
}
