const PAGE_OFFSET = 0xfff;

/** An enabled breakpoint of a debug register. */
export interface DebugBreakpoint {
  /** 0 to 3. */
  readonly number: number;
  readonly kind: "execute" | "write" | "io" | "access";
  /** Linear address, or port; a multiple of `length`. */
  readonly address: number;
  readonly length: number;
}

/** Linear addresses that a debugger watches. */
export interface Watchpoint {
  readonly kind: "read" | "write" | "access";
  readonly address: number;
  readonly length: number;
}

/** Whether two ranges share a byte. Differences of 32 bits, so that the end of the address space is a place like others. */
const overlap = (a: number, aLength: number, b: number, bLength: number): boolean => (a - b) >>> 0 < bLength || (b - a) >>> 0 < aLength;

/**
 * Linear addresses at which something is to happen before the instruction there begins. Decoded code is found by host address and may have
 * several linear ones, so blocks are divided wherever the offset in the page is that of a breakpoint; such places are looked at each time.
 */
export class Breakpoints {
  /** There are data breakpoints. */
  watching = false;
  #host: ReadonlySet<number> = new Set();
  #guest: readonly DebugBreakpoint[] = [];
  #watchpoints: readonly Watchpoint[] = [];
  #offsets: ReadonlySet<number> = new Set();
  #passed = { linear: 0, retired: -1 };

  /** The debugger's addresses. Code that was decoded before must be forgotten. */
  setHost(addresses: Iterable<number>): void {
    this.#host = new Set([...addresses].map((address) => address | 0));
    this.#divide();
  }

  /** Those of the debug registers. Whether code that was decoded before, and what is in the TLBs, must be forgotten. */
  setGuest(breakpoints: readonly DebugBreakpoint[]): boolean {
    if (breakpoints.length === 0 && this.#guest.length === 0) return false;
    this.#guest = breakpoints;
    this.#watch();
    this.#divide();
    return true;
  }

  /** The debugger's watchpoints. What is in the TLBs must be forgotten. */
  setWatchpoints(watchpoints: readonly Watchpoint[]): void {
    this.#watchpoints = watchpoints;
    this.#watch();
  }

  #watch(): void {
    this.watching = this.#watchpoints.length > 0 || this.#guest.some(({ kind }) => kind === "write" || kind === "access");
  }

  #divide(): void {
    const code = this.#guest.filter(({ kind }) => kind === "execute").map(({ address }) => address);
    this.#offsets = new Set([...this.#host, ...code].map((address) => address & PAGE_OFFSET));
  }

  /** Whether a data breakpoint may lie in the page of a linear address. */
  watchesPage(linear: number): boolean {
    if (!this.watching) return false;
    const page = linear & ~PAGE_OFFSET;
    if (this.#watchpoints.some(({ address, length }) => overlap(address, length, page, PAGE_OFFSET + 1))) return true;
    return this.#guest.some(({ kind, address }) => (kind === "write" || kind === "access") && (address & ~PAGE_OFFSET) === page);
  }

  /** Bits B0 to B3 of DR6 for `size` bytes at an address that are accessed in one of the ways of `kinds`. */
  hits(address: number, size: number, ...kinds: readonly DebugBreakpoint["kind"][]): number {
    let bits = 0;
    for (const { number, kind, address: first, length } of this.#guest) {
      if (!kinds.includes(kind)) continue;
      if (overlap(address, size, first, length)) bits |= 1 << number;
    }
    return bits;
  }

  /** The debugger's watchpoint that an access to `size` bytes meets. */
  watchedBy(address: number, size: number, write: boolean): Watchpoint | undefined {
    const other = write ? "read" : "write";
    return this.#watchpoints.find((one) => one.kind !== other && overlap(address, size, one.address, one.length));
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
