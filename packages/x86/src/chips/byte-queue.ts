/** Bytes taken before the room that they leave is given back. */
const mostGone = 4096;

/** Bytes in the order in which they came. To take one costs the same however many wait. */
export class ByteQueue {
  #bytes: number[];
  /** Place of the first byte that has not been taken. */
  #first = 0;

  constructor(bytes: readonly number[] = []) {
    this.#bytes = [...bytes];
  }

  get length(): number {
    return this.#bytes.length - this.#first;
  }

  /** Adds bytes at the end; of larger numbers the low eight bits. */
  push(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#bytes.push(byte & 0xff);
  }

  /** The first byte, which leaves the queue; undefined when there is none. */
  take(): number | undefined {
    const byte = this.#bytes[this.#first];
    if (byte === undefined) return undefined;
    this.#first++;
    if (this.#first >= mostGone && 2 * this.#first >= this.#bytes.length) this.#compact();
    return byte;
  }

  /** Puts bytes back before the first one. */
  putBack(bytes: readonly number[]): void {
    this.#bytes = [...bytes, ...this.toArray()];
    this.#first = 0;
  }

  /** All bytes, as an array of its own. */
  toArray(): number[] {
    return this.#bytes.slice(this.#first);
  }

  #compact(): void {
    this.#bytes = this.toArray();
    this.#first = 0;
  }
}
