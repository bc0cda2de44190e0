/** write(2) on a terminal: through output processing into the transmit ring. */
import { EAGAIN } from "@mercury/abi/metal";
import { disableInterrupts, restoreFlags, saveFlags } from "mercury:vo";
import { queuedBytes } from "../dev/serial";
import { takeBytes } from "../fs/transfer";
import { sleepOn } from "../sched/wait";
import { mayWrite } from "./jobs";
import { outputRoom, pushOut, put } from "./output";
import { Terminal } from "./terminal";

/** Bytes of a program on their way: fetched first, as the copy may fault and the ring is filled with interrupts off. */
const passage: usize = memory.data(256, 16);
const PASSAGE_SIZE: u32 = 256;

/** Writes `count` bytes, waiting for room unless told not to. */
export function writeTerminal(terminal: Terminal, buffer: usize, count: u32, blocks: bool): i32 {
  const refused = mayWrite(terminal);
  if (refused != 0) return refused;
  let done: u32 = 0;
  while (done < count) {
    const part = min(count - done, PASSAGE_SIZE);
    const failed = takeBytes(passage, buffer + done, part);
    if (failed != 0) return done != 0 ? <i32>done : failed;
    const sent = putSome(terminal, part);
    done += sent;
    if (sent == part) continue;
    if (!blocks) return done != 0 ? <i32>done : -EAGAIN;
    const interrupted = awaitRoom(terminal);
    if (interrupted != 0) return done != 0 ? <i32>done : interrupted;
  }
  return <i32>done;
}

/** Puts bytes of the passage while there is room: how many. */
function putSome(terminal: Terminal, bytes: u32): u32 {
  const flags = saveFlags();
  disableInterrupts();
  let sent: u32 = 0;
  while (sent < bytes && outputRoom(terminal)) put(terminal, load<u8>(passage + sent++));
  pushOut(terminal);
  restoreFlags(flags);
  return sent;
}

function awaitRoom(terminal: Terminal): i32 {
  const flags = saveFlags();
  disableInterrupts();
  const interrupted = outputRoom(terminal) ? 0 : sleepOn(terminal.writers);
  restoreFlags(flags);
  return interrupted;
}

/** Waits until the line has taken everything (tcdrain): 0, or -ERESTARTSYS. */
export function awaitDrained(terminal: Terminal): i32 {
  const flags = saveFlags();
  disableInterrupts();
  let interrupted: i32 = 0;
  while (queuedBytes() != 0 && interrupted == 0) interrupted = sleepOn(terminal.writers);
  restoreFlags(flags);
  return interrupted;
}
