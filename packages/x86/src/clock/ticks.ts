const second = 1e9;

/**
 * The ticks of an oscillator that starts at time 0, in exact whole numbers: what is scheduled for a tick must not come a nanosecond before it, or it
 * would be scheduled again for the same instant. Exact for times below 2^53 nanoseconds and frequencies of whole hertz below 4 MHz, as products with
 * a part of a second then fit into 53 bits.
 */
export class Ticks {
  readonly #hertz: number;

  constructor(hertz: number) {
    this.#hertz = hertz;
  }

  /** Whole ticks that have passed at a time in nanoseconds. */
  at(time: number): number {
    const whole = Math.floor(time / second);
    return whole * this.#hertz + Math.floor(((time - whole * second) * this.#hertz) / second);
  }

  /** The first nanosecond at which so many ticks have passed. */
  time(ticks: number): number {
    const whole = Math.floor(ticks / this.#hertz);
    return whole * second + Math.ceil(((ticks - whole * this.#hertz) * second) / this.#hertz);
  }
}
