/** Reads a descriptor line by line. */
import { read } from "./syscall";
import { allocate, release } from "./heap";

const chunk: u32 = 4096;

// @ts-ignore: decorator
@unmanaged export class LineReader {
  fd: i32;
  /** Buffer, its size, and the unread bytes in it. */
  buffer: usize;
  capacity: u32;
  start: u32;
  end: u32;
  /** Length of the line given last, without its newline. */
  lineLength: u32;
  /** Whether that line ended in a newline. */
  complete: bool;

  /** Address of the next line, NUL in place of its newline; 0 at the end. Valid until the next call. */
  next(): usize {
    let at = this.start;
    while (true) {
      while (at < this.end && load<u8>(this.buffer + at) != 0x0a) at++;
      if (at < this.end) return this.take(at, true);
      const unread = this.end - this.start;
      if (!this.fill()) return unread > 0 ? this.take(this.end, false) : 0;
      at = this.start + unread;
    }
  }

  private take(at: u32, complete: bool): usize {
    const line = this.buffer + this.start;
    store<u8>(this.buffer + at, 0);
    this.lineLength = at - this.start;
    this.complete = complete;
    this.start = complete ? at + 1 : at;
    return line;
  }

  /** Gets more bytes, moving or growing the buffer when it is full; false at the end of the file. One byte stays free for the NUL. */
  private fill(): bool {
    const unread = this.end - this.start;
    if (this.start > 0) {
      memory.copy(this.buffer, this.buffer + this.start, unread);
      this.start = 0;
      this.end = unread;
    }
    if (this.end + 1 >= this.capacity) this.grow();
    const count = read(this.fd, this.buffer + this.end, this.capacity - this.end - 1);
    if (count <= 0) return false;
    this.end += count;
    return true;
  }

  private grow(): void {
    const larger = allocate(this.capacity * 2);
    memory.copy(larger, this.buffer, this.end);
    release(this.buffer);
    this.buffer = larger;
    this.capacity *= 2;
  }

  close(): void {
    release(this.buffer);
    release(changetype<usize>(this));
  }
}

export function readLines(fd: i32): LineReader {
  const reader = changetype<LineReader>(allocate(offsetof<LineReader>()));
  reader.fd = fd;
  reader.capacity = chunk;
  reader.buffer = allocate(chunk);
  return reader;
}
