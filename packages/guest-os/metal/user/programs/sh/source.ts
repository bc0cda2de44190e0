/** Where a shell's text comes from: the terminal or another descriptor, line by line, or a string. */
import { cstr } from "@mercury/toolchain/metal";
import { EINTR } from "@mercury/abi/metal";
import { allocate, release } from "../../lib/heap";
import { flush, put } from "../../lib/print";
import { read } from "../../lib/syscall";
import { length } from "../../lib/text";

// @ts-ignore: decorator
@unmanaged export class Source {
  /** -1: everything is in the text already. */
  fd: i32;
  /** Prompts are shown. */
  interactive: bool;
  /** All that has been read since the last command, NUL-terminated, and how far it has been understood. */
  text: usize;
  filled: u32;
  capacity: u32;
  position: u32;
  /** The next line begins a command (prompt `# `), or goes on with one (`> `). */
  fresh: bool;
  ended: bool;
  /** Newlines passed, for messages. */
  line: u32;

  /** The byte at the position, or 0 at the end of what has been read. */
  peek(): u32 {
    return load<u8>(this.text + this.position);
  }

  peekAt(distance: u32): u32 {
    return this.position + distance < this.filled ? load<u8>(this.text + this.position + distance) : 0;
  }

  advance(): void {
    if (this.peek() == 0x0a) this.line++;
    this.position++;
  }

  /** Forgets what has been understood. */
  begin(): void {
    const rest = this.filled - this.position;
    memory.copy(this.text, this.text + this.position, rest + 1);
    this.filled = rest;
    this.position = 0;
    this.fresh = true;
  }

  /** Forgets everything read: after an error or an interrupt. */
  drop(): void {
    this.position = this.filled;
    this.begin();
  }

  /** Reads another line; false at the end of the input. */
  more(): bool {
    if (this.fd < 0 || this.ended) return false;
    if (this.interactive) {
      put(this.fresh ? cstr`# ` : cstr`> `);
      flush();
    }
    this.fresh = false;
    const before = this.filled;
    let count = this.readLine();
    while (count == -EINTR) count = this.readLine();
    if (count <= 0) this.ended = true;
    return this.filled > before;
  }

  /** A terminal gives a line at a time; from anything else byte by byte, so that the programs started find the rest. */
  private readLine(): i32 {
    while (true) {
      const chunk: u32 = this.interactive ? 1024 : 1;
      this.reserve(chunk);
      const count = read(this.fd, this.text + this.filled, chunk);
      if (count <= 0) return count;
      this.filled += count;
      store<u8>(this.text + this.filled, 0);
      if (load<u8>(this.text + this.filled - 1) == 0x0a) return count;
    }
  }

  private reserve(bytes: u32): void {
    if (this.filled + bytes + 1 <= this.capacity) return;
    const larger = allocate((this.capacity + bytes) * 2);
    memory.copy(larger, this.text, this.filled);
    release(this.text);
    this.text = larger;
    this.capacity = (this.capacity + bytes) * 2;
  }
}

export function sourceFrom(fd: i32, interactive: bool): Source {
  const source = changetype<Source>(allocate(offsetof<Source>()));
  source.fd = fd;
  source.interactive = interactive;
  source.capacity = 2048;
  source.text = allocate(source.capacity);
  source.fresh = true;
  source.line = 1;
  return source;
}

export function sourceOf(text: usize): Source {
  const source = sourceFrom(-1, false);
  release(source.text);
  source.filled = length(text);
  source.capacity = source.filled + 1;
  source.text = allocate(source.capacity);
  memory.copy(source.text, text, source.filled);
  return source;
}

export function closeSource(source: Source): void {
  release(source.text);
  release(changetype<usize>(source));
}
