/** The bytes of a pipe: a ring of 64 KB over pages that are allocated when the first byte comes to lie on them. */
import { ENOMEM, PAGE_SIZE } from "@mercury/abi/metal";
import { allocateFrame, linear, releaseFrame } from "../mm/frames";
import { allocate, release } from "../mm/slab";
import { WaitQueue } from "../sched/wait";
import { giveBytes, takeBytes } from "./transfer";

/** Bytes that a pipe holds (pipe(7): 16 pages). */
export const PIPE_SIZE: u32 = 0x1_0000;
const PAGES: u32 = 16;

// @ts-ignore: decorator
@unmanaged export class Pipe {
  /** Sleepers on either side. */
  waiters: WaitQueue;
  waitersFirst: usize;
  readers: u32;
  writers: u32;
  /** How often either side was opened: a FIFO's opener waits for the other count to move. */
  readOpens: u32;
  writeOpens: u32;
  /** Free-running counts of bytes put in and taken out. */
  put: u32;
  taken: u32;
}
const PAGE_TABLE: usize = offsetof<Pipe>();

/** An empty pipe that nobody has open, or null. */
export function newPipe(): Pipe | null {
  const address = allocate(PAGE_TABLE + (<usize>PAGES << 2));
  if (address == 0) return null;
  const pipe = changetype<Pipe>(address);
  pipe.waiters = changetype<WaitQueue>(address + offsetof<Pipe>("waitersFirst"));
  return pipe;
}

export function freePipe(pipe: Pipe): void {
  for (let page: u32 = 0; page < PAGES; page++) {
    const frame = load<usize>(changetype<usize>(pipe) + PAGE_TABLE + (page << 2));
    if (frame != 0) releaseFrame(frame);
  }
  release(changetype<usize>(pipe));
}

// @ts-ignore: decorator
@inline export function pipeBytes(pipe: Pipe): u32 {
  return pipe.put - pipe.taken;
}

// @ts-ignore: decorator
@inline export function pipeRoom(pipe: Pipe): u32 {
  return PIPE_SIZE - pipeBytes(pipe);
}

/** Address of the byte at a count; 0: no memory for its page. */
function place(pipe: Pipe, count: u32): usize {
  const slot = changetype<usize>(pipe) + PAGE_TABLE + ((count & (PIPE_SIZE - 1)) / PAGE_SIZE << 2);
  let frame = load<usize>(slot);
  if (frame == 0) {
    frame = allocateFrame();
    if (frame == 0) return 0;
    store<usize>(slot, frame);
  }
  return linear(frame) + (count & (PAGE_SIZE - 1));
}

/** Moves up to `count` bytes, of which there is room for all, from the caller into the ring: how many, -EFAULT or -ENOMEM. */
export function fillPipe(pipe: Pipe, from: usize, count: u32): i32 {
  let done: u32 = 0;
  while (done < count) {
    const at = pipe.put + done;
    const part = min<u32>(count - done, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
    const to = place(pipe, at);
    const failed = to == 0 ? -ENOMEM : takeBytes(to, from + done, part);
    if (failed != 0) {
      if (done == 0) return failed;
      break;
    }
    done += part;
  }
  pipe.put += done;
  return <i32>done;
}

/** Moves up to `count` bytes, which are there, from the ring to the caller: how many, or -EFAULT. */
export function emptyPipe(pipe: Pipe, to: usize, count: u32): i32 {
  let done: u32 = 0;
  while (done < count) {
    const at = pipe.taken + done;
    const part = min<u32>(count - done, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
    const failed = giveBytes(to + done, place(pipe, at), part);
    if (failed != 0) {
      if (done == 0) return failed;
      break;
    }
    done += part;
  }
  pipe.taken += done;
  return <i32>done;
}
