const PAGE_OFFSET = 0xfff;

/**
 * Linear addresses at which something is to happen before the instruction there begins. Decoded code is found by host address and may have
 * several linear ones, so blocks are divided wherever the offset in the page is that of a breakpoint; such places are looked at each time.
 */
export class Breakpoints {
  #host: ReadonlySet<number> = new Set();
  #offsets: ReadonlySet<number> = new Set();

  /** The debugger's addresses. Code that was decoded before must be forgotten. */
  setHost(addresses: Iterable<number>): void {
    this.#host = new Set([...addresses].map((address) => address | 0));
    this.#offsets = new Set([...this.#host].map((address) => address & PAGE_OFFSET));
  }

  /** Whether a block has to begin at a linear address, and nothing may lead there but a look at the address. */
  divides(linear: number): boolean {
    return this.#offsets.size > 0 && this.#offsets.has(linear & PAGE_OFFSET);
  }

  /** Whether the debugger wants to be asked before the instruction at a linear address. */
  stops(linear: number): boolean {
    return this.#host.size > 0 && this.#host.has(linear | 0);
  }
}
