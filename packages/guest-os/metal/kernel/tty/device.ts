/** The console terminal as a device: its file operations and the handler of its interrupt line. */
import { ENXIO } from "@mercury/abi/metal";
import { interruptPending, queueRoom, queuedBytes, startTransmit } from "../dev/serial";
import { uartPresent } from "../dev/uart";
import { COM1 } from "../dev/uart-registers";
import { File, FileOperations, plainOperations } from "../fs/file";
import { O_NOCTTY, O_NONBLOCK, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../linux/files";
import { ICANON } from "../../linux/terminal";
import { current } from "../sched/task";
import { wakeAll } from "../sched/wait";
import { controlTerminal } from "./control";
import { receiveAll } from "./input";
import { takeTerminal } from "./jobs";
import { lineReady, typedBytes } from "./line";
import { outputRoom } from "./output";
import { readTerminal } from "./read";
import { consoleTerminal, hasLocal, initializeTerminal } from "./terminal";
import { writeTerminal } from "./write";

/** /dev/console and /dev/ttyS0. Opening the console never makes it a controlling terminal (Linux: tty_open). */
export const consoleOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
export const lineOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
/** /dev/tty: the controlling terminal of whoever opens it. */
export const ownOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));

/** Free bytes of the transmit ring at which writers are woken: half of it, so that they do not take turns with every FIFO's worth. */
const WAKE_ROOM: u32 = 2048;

/** Fills the tables and lets the console line's receiver interrupt; the interrupt line itself is unmasked by the boot path. */
export function initializeConsole(): void {
  initializeTerminal();
  fillTable(consoleOperations, openConsole.index);
  fillTable(lineOperations, openLine.index);
  fillTable(ownOperations, openOwn.index);
  if (!uartPresent(COM1)) return;
  receiveAll(consoleTerminal());
}

function fillTable(table: FileOperations, open: u32): void {
  plainOperations(table);
  table.open = open;
  table.read = readConsole.index;
  table.write = writeConsole.index;
  table.poll = pollConsole.index;
  table.control = controlConsole.index;
}

function openConsole(file: File): i32 {
  return 0;
}

function openLine(file: File): i32 {
  const me = current();
  const terminal = consoleTerminal();
  const mayOwn = (file.flags & O_NOCTTY) == 0 && me.session == me.pid && me.terminal === null && terminal.session == 0;
  return mayOwn ? takeTerminal(terminal, false) : 0;
}

function openOwn(file: File): i32 {
  return current().terminal === null ? -ENXIO : 0;
}

// @ts-ignore: decorator
@inline export function waits(file: File): bool {
  return (file.flags & O_NONBLOCK) == 0;
}

function readConsole(file: File, buffer: usize, count: u32): i32 {
  return readTerminal(consoleTerminal(), buffer, count, waits(file));
}

function writeConsole(file: File, buffer: usize, count: u32): i32 {
  return writeTerminal(consoleTerminal(), buffer, count, waits(file));
}

function controlConsole(file: File, request: u32, argument: usize): i32 {
  return controlTerminal(consoleTerminal(), request, argument);
}

function pollConsole(file: File): u32 {
  const terminal = consoleTerminal();
  const readable = hasLocal(terminal, ICANON) ? lineReady(terminal) : typedBytes(terminal) != 0;
  let ready: u32 = readable ? POLLIN | POLLRDNORM : 0;
  if (outputRoom(terminal)) ready |= POLLOUT | POLLWRNORM;
  return ready;
}

/** The handler of the console's interrupt line; interrupts are off, and the caller acknowledges the line afterwards. */
export function serialInterrupt(): void {
  const terminal = consoleTerminal();
  do {
    receiveAll(terminal);
    if (terminal.stopped == 0) startTransmit();
  } while (interruptPending());
  if (queuedBytes() == 0 || queueRoom() >= WAKE_ROOM) wakeAll(terminal.writers);
}
