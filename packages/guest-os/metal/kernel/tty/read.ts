/** read(2) on a terminal: lines in canonical mode, VMIN and VTIME otherwise (termios(3)). */
import { EAGAIN } from "@mercury/abi/metal";
import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { giveBytes } from "../fs/transfer";
import { now } from "../sched/clock";
import { sleepOn, sleepOnUntil } from "../sched/wait";
import { ICANON, VMIN, VTIME } from "../../linux/terminal";
import { resumeReceiving } from "./input";
import { mayRead } from "./jobs";
import { lineReady, takeBytesRaw, takeLine, typedBytes } from "./line";
import { Terminal, characterOf, hasLocal } from "./terminal";

/** Nanoseconds of VTIME's unit, a tenth of a second. */
const VTIME_UNIT: u64 = 100_000_000;

/** Bytes on their way to a program: they are taken from the ring before the copy, which may fault. */
const passage: usize = memory.data(4096, 16);
const PASSAGE_SIZE: u32 = 4096;

/** Reads up to `count` bytes; 0 is an end of file. */
export function readTerminal(terminal: Terminal, buffer: usize, count: u32, blocks: bool): i32 {
  const refused = mayRead(terminal);
  if (refused != 0) return refused;
  const flags = saveFlags();
  disableInterrupts();
  const bytes = hasLocal(terminal, ICANON) ? awaitLine(terminal, count, blocks) : awaitBytes(terminal, count, blocks);
  resumeReceiving(terminal);
  restoreFlags(flags);
  if (bytes <= 0) return bytes;
  // No other task has run since the bytes were taken: the passage is this read's.
  const failed = giveBytes(buffer, passage, <u32>bytes);
  return failed != 0 ? failed : bytes;
}

function awaitLine(terminal: Terminal, count: u32, blocks: bool): i32 {
  while (!lineReady(terminal)) {
    if (!blocks) return -EAGAIN;
    const failed = sleepOn(terminal.readers);
    if (failed != 0) return failed;
    const refused = mayRead(terminal);
    if (refused != 0) return refused;
    // Another reader may have switched the mode meanwhile.
    if (!hasLocal(terminal, ICANON)) return awaitBytes(terminal, count, blocks);
  }
  return <i32>takeLine(terminal, passage, min(count, PASSAGE_SIZE));
}

/** Raw mode: waits for VMIN bytes or, once VTIME counts, for its end. */
function awaitBytes(terminal: Terminal, count: u32, blocks: bool): i32 {
  const least = characterOf(terminal, VMIN);
  const wanted = min(least, count);
  const patience = <u64>characterOf(terminal, VTIME) * VTIME_UNIT;
  // With VMIN the clock runs between bytes; without, from the start.
  let deadline: u64 = least == 0 ? now() + patience : 0;
  let seen = typedBytes(terminal);
  while (typedBytes(terminal) < max<u32>(wanted, 1)) {
    if (typedBytes(terminal) != seen || (deadline == 0 && seen != 0)) {
      seen = typedBytes(terminal);
      deadline = now() + patience;
    }
    const timed = patience != 0 && (least == 0 || seen != 0);
    if ((timed || least == 0) && now() >= deadline) break;
    if (!blocks && typedBytes(terminal) == 0) return -EAGAIN;
    if (!blocks) break;
    const failed = timed ? sleepOnUntil(terminal.readers, deadline) : sleepOn(terminal.readers);
    if (failed != 0 && typedBytes(terminal) == 0) return failed;
    if (failed != 0) break;
  }
  return <i32>takeBytesRaw(terminal, passage, min(count, PASSAGE_SIZE));
}
