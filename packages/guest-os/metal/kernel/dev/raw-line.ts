/** ttyS1 and ttyS2, COM2 and COM3, as byte lines: no discipline, no conversion, no interrupts. Output waits for the UART, input for the clock. */
import { EAGAIN, ENXIO } from "@mercury/abi/metal";
import { in8 } from "mercury:vo";
import { File, FileOperations, plainOperations } from "../fs/file";
import { giveBytes, takeBytes } from "../fs/transfer";
import { O_NONBLOCK, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../linux/files";
import { now } from "../sched/clock";
import { WaitQueue, sleepOnUntil } from "../sched/wait";
import { resetUart, sendPolled, uartPresent } from "./uart";
import { COM2, COM3, DATA, DATA_READY, LINE_STATUS } from "./uart-registers";

export const rawLineOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));

/** Minor number of ttyS1. */
const FIRST_MINOR: u32 = 65;
/** Nanoseconds between two looks at the receiver. */
const LOOK_INTERVAL: u64 = 10_000_000;

const passage: usize = memory.data(256, 16);
const PASSAGE_SIZE: u32 = 256;
const sleepers: WaitQueue = changetype<WaitQueue>(memory.data(4, 4));
/** Bit n: line n has been set up. */
let ready: u32 = 0;

export function initializeRawLines(): void {
  plainOperations(rawLineOperations);
  rawLineOperations.open = openRaw.index;
  rawLineOperations.read = readRaw.index;
  rawLineOperations.write = writeRaw.index;
  rawLineOperations.poll = pollRaw.index;
}

// @ts-ignore: decorator
@inline export function lineOf(file: File): u32 {
  return (file.inode.device & 0xff) - FIRST_MINOR;
}

// @ts-ignore: decorator
@inline export function portOf(file: File): u32 {
  return lineOf(file) == 0 ? COM2 : COM3;
}

function openRaw(file: File): i32 {
  const bit: u32 = 1 << lineOf(file);
  if ((ready & bit) != 0) return 0;
  if (!uartPresent(portOf(file))) return -ENXIO;
  resetUart(portOf(file));
  ready |= bit;
  return 0;
}

function writeRaw(file: File, buffer: usize, count: u32): i32 {
  let done: u32 = 0;
  while (done < count) {
    const part = min(count - done, PASSAGE_SIZE);
    const failed = takeBytes(passage, buffer + done, part);
    if (failed != 0) return done != 0 ? <i32>done : failed;
    sendPolled(portOf(file), passage, part);
    done += part;
  }
  return <i32>done;
}

function hasByte(file: File): bool {
  return (in8(portOf(file) + LINE_STATUS) & DATA_READY) != 0;
}

function readRaw(file: File, buffer: usize, count: u32): i32 {
  while (!hasByte(file)) {
    if ((file.flags & O_NONBLOCK) != 0) return -EAGAIN;
    const interrupted = sleepOnUntil(sleepers, now() + LOOK_INTERVAL);
    if (interrupted != 0) return interrupted;
  }
  let bytes: u32 = 0;
  while (bytes < min(count, PASSAGE_SIZE) && hasByte(file)) store<u8>(passage + bytes++, <u8>in8(portOf(file) + DATA));
  const failed = giveBytes(buffer, passage, bytes);
  return failed != 0 ? failed : <i32>bytes;
}

function pollRaw(file: File): u32 {
  return POLLOUT | POLLWRNORM | (hasByte(file) ? POLLIN | POLLRDNORM : 0);
}
