/** Pipes and FIFOs (pipe(7), fifo(7)). Only tasks touch them, and a task runs in the kernel until it sleeps, so no section needs a lock. */
import { EAGAIN, ENFILE, ENXIO, EPIPE } from "@mercury/abi/metal";
import { O_ACCMODE, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY, PIPE_BUF, S_IFIFO } from "../../linux/files";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../linux/files";
import { FIONREAD } from "../../linux/terminal";
import { writeUser32 } from "../mm/user-copy";
import { SIGPIPE } from "../proc/signal-numbers";
import { sendSignal } from "../proc/signals";
import { current } from "../sched/task";
import { sleepOn, wakeAll } from "../sched/wait";
import { File, FileOperations, controlNothing, isReadable, isWritable, plainOperations } from "./file";
import { Inode, InodeOperations, PIPE_SYSTEM, newInode } from "./inode";
import { Pipe, emptyPipe, fillPipe, freePipe, newPipe, pipeBytes, pipeRoom } from "./pipe-ring";

/** Of a name in the file system: open waits for the other side. */
export const fifoOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
/** Of pipe(2). */
const pipeOperations: FileOperations = changetype<FileOperations>(memory.data(offsetof<FileOperations>(), 4));
const nameless: InodeOperations = changetype<InodeOperations>(memory.data(offsetof<InodeOperations>(), 4));

export function initializePipes(): void {
  fillTable(fifoOperations, openFifo.index);
  fillTable(pipeOperations, openPipe.index);
  nameless.free = forgetPipe.index;
}

function fillTable(table: FileOperations, open: u32): void {
  plainOperations(table);
  table.open = open;
  table.read = readPipe.index;
  table.write = writePipe.index;
  table.poll = pollPipe.index;
  table.control = controlPipe.index;
  table.close = closePipe.index;
}

/** The inode of a new pipe, with one reference and no name, or null. */
export function newPipeInode(): Inode | null {
  const inode = newInode(nameless, pipeOperations, S_IFIFO | 0o600);
  if (inode !== null) inode.system = PIPE_SYSTEM;
  return inode;
}

/** Frees the pipe of an inode, if it has one. */
export function forgetPipe(inode: Inode): void {
  if (inode.data != 0) freePipe(changetype<Pipe>(inode.data));
  inode.data = 0;
}

// @ts-ignore: decorator
@inline export function pipeOf(file: File): Pipe {
  return changetype<Pipe>(file.inode.data);
}

function openPipe(file: File): i32 {
  const inode = file.inode;
  if (inode.data == 0) inode.data = changetype<usize>(newPipe());
  if (inode.data == 0) return -ENFILE;
  const pipe = pipeOf(file);
  if (isReadable(file)) {
    pipe.readers++;
    pipe.readOpens++;
  }
  if (isWritable(file)) {
    pipe.writers++;
    pipe.writeOpens++;
  }
  return 0;
}

function openFifo(file: File): i32 {
  const refused = openPipe(file);
  if (refused != 0) return refused;
  const pipe = pipeOf(file);
  wakeAll(pipe.waiters);
  const mode = file.flags & O_ACCMODE;
  let result: i32 = 0;
  if (mode == O_WRONLY && pipe.readers == 0 && (file.flags & O_NONBLOCK) != 0) result = -ENXIO;
  else if (mode != O_RDWR && (file.flags & O_NONBLOCK) == 0) result = awaitOtherSide(pipe, mode == O_RDONLY);
  if (result != 0) closePipe(file);
  return result;
}

/** Waits until the other side is open, or was since: it may have come and gone before this task ran. */
function awaitOtherSide(pipe: Pipe, reading: bool): i32 {
  const before = reading ? pipe.writeOpens : pipe.readOpens;
  while (true) {
    if ((reading ? pipe.writers : pipe.readers) != 0) return 0;
    if ((reading ? pipe.writeOpens : pipe.readOpens) != before) return 0;
    const interrupted = sleepOn(pipe.waiters);
    if (interrupted != 0) return interrupted;
  }
}

function closePipe(file: File): void {
  const pipe = pipeOf(file);
  if (isReadable(file)) pipe.readers--;
  if (isWritable(file)) pipe.writers--;
  wakeAll(pipe.waiters);
  if (pipe.readers == 0 && pipe.writers == 0) forgetPipe(file.inode);
}

function readPipe(file: File, buffer: usize, count: u32): i32 {
  const pipe = pipeOf(file);
  while (pipeBytes(pipe) == 0) {
    if (pipe.writers == 0) return 0;
    if ((file.flags & O_NONBLOCK) != 0) return -EAGAIN;
    const interrupted = sleepOn(pipe.waiters);
    if (interrupted != 0) return interrupted;
  }
  const done = emptyPipe(pipe, buffer, min(count, pipeBytes(pipe)));
  wakeAll(pipe.waiters);
  return done;
}

function writePipe(file: File, buffer: usize, count: u32): i32 {
  const pipe = pipeOf(file);
  // What fits into PIPE_BUF goes in as one piece (pipe(7)); more may be interleaved with what others write.
  const piece: u32 = count <= PIPE_BUF ? count : 1;
  let done: u32 = 0;
  while (done < count) {
    const failed = awaitRoom(file, pipe, piece);
    if (failed != 0) return done != 0 ? <i32>done : failed;
    const moved = fillPipe(pipe, buffer + done, min(count - done, pipeRoom(pipe)));
    if (moved < 0) return done != 0 ? <i32>done : moved;
    done += <u32>moved;
    wakeAll(pipe.waiters);
  }
  return <i32>done;
}

/** Waits for room for `bytes` bytes: 0, -EPIPE (and the signal) when nobody can read, -EAGAIN, or -ERESTARTSYS. */
function awaitRoom(file: File, pipe: Pipe, bytes: u32): i32 {
  while (true) {
    if (pipe.readers == 0) {
      sendSignal(current(), SIGPIPE);
      return -EPIPE;
    }
    if (pipeRoom(pipe) >= bytes) return 0;
    if ((file.flags & O_NONBLOCK) != 0) return -EAGAIN;
    const interrupted = sleepOn(pipe.waiters);
    if (interrupted != 0) return interrupted;
  }
}

function pollPipe(file: File): u32 {
  const pipe = pipeOf(file);
  let ready: u32 = 0;
  if (isReadable(file)) {
    if (pipeBytes(pipe) != 0) ready |= POLLIN | POLLRDNORM;
    if (pipe.writers == 0) ready |= POLLHUP;
  }
  if (isWritable(file)) {
    if (pipeRoom(pipe) >= PIPE_BUF) ready |= POLLOUT | POLLWRNORM;
    if (pipe.readers == 0) ready |= POLLERR;
  }
  return ready;
}

function controlPipe(file: File, request: u32, argument: usize): i32 {
  if (request == FIONREAD) return writeUser32(argument, pipeBytes(pipeOf(file)));
  return controlNothing(file, request, argument);
}
