const PAGE_OFFSET = 0xfff;

/**
 * Linear addresses at which something is to happen before the instruction there begins. Decoded code is found by host address and may have
 * several linear ones, so blocks are divided wherever the offset in the page is that of a breakpoint; such places are looked at each time.
 */
export class Breakpoints {
  #host: ReadonlySet<number> = new Set();
  #offsets: ReadonlySet<number> = new Set();

  #passed = { linear: 0, retired: -1 };

  /** The debugger's addresses. Code that was decoded before must be forgotten. */
  setHost(addresses: Iterable<number>): void {
    this.#host = new Set([...addresses].map((address) => address | 0));
    this.#offsets = new Set([...this.#host].map((address) => address & PAGE_OFFSET));
  }

  /** Whether a block has to begin at a linear address, and nothing may lead there but a look at the address. */
  divides(linear: number): boolean {
    return this.#offsets.size > 0 && this.#offsets.has(linear & PAGE_OFFSET);
  }

  /** The instruction at a linear address, when it is the one after `retired` others, may begin in spite of its breakpoint. */
  pass(linear: number, retired: number): void {
    this.#passed = { linear: linear | 0, retired };
  }

  /** Whether the debugger wants to be asked before the instruction at a linear address begins, `retired` others having been retired. */
  stops(linear: number, retired: number): boolean {
    if (this.#host.size === 0 || !this.#host.has(linear | 0)) return false;
    return this.#passed.linear !== (linear | 0) || this.#passed.retired !== retired;
  }
}
