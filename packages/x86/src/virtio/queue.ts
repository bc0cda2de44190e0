import type { Dma } from "../bus/dma.ts";

/** Flags of a descriptor (Virtual I/O Device 1.1, 2.6.5). */
const flag = { next: 1, write: 2, indirect: 4 } as const;
const descriptorSize = 16;
/** Flags of the rings (2.6.6, 2.6.8). */
const noInterrupt = 1;

/** The largest queue that the device offers. */
export const largestQueue = 128;
/** A chain is at most as long as the queue, and an indirect table is not longer either: what is longer is a loop, or hostile. */
const longestChain = 1024;

/** State of a queue as the driver has set it. */
export interface QueueState {
  size: number;
  enabled: boolean;
  descriptors: number;
  available: number;
  used: number;
  /** Entries of the available ring that have been taken, and of the used ring that have been given back: modulo 2^16. */
  taken: number;
  given: number;
}

export const emptyQueue = (): QueueState => ({
  size: largestQueue,
  enabled: false,
  descriptors: 0,
  available: 0,
  used: 0,
  taken: 0,
  given: 0,
});

/** A piece of guest memory of a request. */
export interface Segment {
  readonly address: number;
  readonly length: number;
}

/** A request: what the device reads, then what it writes. */
export interface Chain {
  readonly head: number;
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
}

/** What the driver has put into its memory cannot be: the device needs a reset (2.1.2). */
export class BrokenQueue extends Error {}

interface Descriptor extends Segment {
  readonly flags: number;
  readonly next: number;
}

/**
 * A split virtqueue (2.6) in guest memory. Nothing that the driver writes there is trusted: addresses outside RAM, loops and
 * lengths that do not fit throw BrokenQueue.
 */
export class SplitQueue {
  readonly #state: QueueState;
  readonly #dma: Dma;
  readonly #eventIndex: boolean;

  constructor(state: QueueState, dma: Dma, eventIndex: boolean) {
    this.#state = state;
    this.#dma = dma;
    this.#eventIndex = eventIndex;
  }

  /** The next request, if the driver has made one. */
  take(): Chain | undefined {
    const state = this.#state;
    const index = this.#word(state.available + 2);
    const waiting = (index - state.taken) & 0xffff;
    if (waiting > state.size) throw new BrokenQueue(`${waiting} requests in a queue of ${state.size}`);
    if (waiting === 0) return undefined;
    const head = this.#word(state.available + 4 + 2 * (state.taken % state.size));
    state.taken = (state.taken + 1) & 0xffff;
    return this.#chain(head);
  }

  /** Asks the driver to notify for the next request; whether one has come in the meantime is for `take` to see (2.6.10). */
  awaitNotification(): void {
    const state = this.#state;
    if (this.#eventIndex) this.#setWord(state.used + 4 + 8 * state.size, state.taken);
  }

  /** Gives a request back with the number of bytes written to it. Whether the driver wants an interrupt for it. */
  give(head: number, written: number): boolean {
    const state = this.#state;
    const element = new Uint8Array(8);
    const view = new DataView(element.buffer);
    view.setUint32(0, head, true);
    view.setUint32(4, written, true);
    this.#write(state.used + 4 + 8 * (state.given % state.size), element);
    const before = state.given;
    state.given = (before + 1) & 0xffff;
    this.#setWord(state.used + 2, state.given);
    if (!this.#eventIndex) return (this.#word(state.available) & noInterrupt) === 0;
    // The driver names the entry that it waits for (2.6.7.2).
    return this.#word(state.available + 4 + 2 * state.size) === before;
  }

  #chain(head: number): Chain {
    const first = this.#descriptor(this.#state.descriptors, this.#state.size, head);
    if ((first.flags & flag.indirect) === 0) return this.#collect(head, first, this.#state.descriptors, this.#state.size);
    if ((first.flags & flag.next) !== 0 || first.length % descriptorSize !== 0 || first.length === 0)
      throw new BrokenQueue(`an indirect table of ${first.length} bytes`);
    const count = first.length / descriptorSize;
    const inner = this.#descriptor(first.address, count, 0);
    return this.#collect(head, inner, first.address, count);
  }

  #collect(head: number, first: Descriptor, table: number, count: number): Chain {
    const readable: Segment[] = [];
    const writable: Segment[] = [];
    let descriptor = first;
    for (let length = 1; ; length++) {
      if ((descriptor.flags & flag.indirect) !== 0) throw new BrokenQueue("an indirect table within a chain");
      if (length > Math.min(count, longestChain)) throw new BrokenQueue("a chain that is longer than its table");
      const write = (descriptor.flags & flag.write) !== 0;
      if (!write && writable.length > 0) throw new BrokenQueue("a readable descriptor behind a writable one");
      (write ? writable : readable).push(descriptor);
      if ((descriptor.flags & flag.next) === 0) return { head, readable, writable };
      descriptor = this.#descriptor(table, count, descriptor.next);
    }
  }

  #descriptor(table: number, count: number, index: number): Descriptor {
    if (index >= count) throw new BrokenQueue(`descriptor ${index} of ${count}`);
    const bytes = this.#read(table + index * descriptorSize, descriptorSize);
    const view = new DataView(bytes.buffer, bytes.byteOffset, descriptorSize);
    return {
      address: view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32,
      length: view.getUint32(8, true),
      flags: view.getUint16(12, true),
      next: view.getUint16(14, true),
    };
  }

  #read(address: number, length: number): Uint8Array {
    const bytes = this.#dma.read(address, length);
    if (bytes === undefined) throw new BrokenQueue(`${length} bytes at 0x${address.toString(16)} are not in memory`);
    return bytes;
  }

  #write(address: number, bytes: Uint8Array): void {
    if (!this.#dma.write(address, bytes)) throw new BrokenQueue(`${bytes.length} bytes at 0x${address.toString(16)} are not in memory`);
  }

  #word(address: number): number {
    const bytes = this.#read(address, 2);
    return (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  }

  #setWord(address: number, value: number): void {
    this.#write(address, Uint8Array.of(value & 0xff, value >> 8));
  }
}
