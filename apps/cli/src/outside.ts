/** Signals by which a process is asked to end, and that leave it the time to do so (signal(7)). */
const signals = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** Why a machine was ended that would have run on. */
export type Interruption = { readonly kind: "timeout" } | { readonly kind: "signal"; readonly signal: (typeof signals)[number] };

/**
 * What ends a machine from outside: its time, and the signals to this process. A machine that a reset starts again keeps what is left of its time.
 * The same signal a second time ends the process at once.
 */
export class Outside {
  #interruption: Interruption | undefined;
  #stop: () => void = () => {};
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #handlers = signals.map((signal) => [signal, (): void => this.#interrupt({ kind: "signal", signal })] as const);

  /** `timeout` in seconds, from now on. */
  constructor(timeout: number | undefined) {
    if (timeout !== undefined) this.#timer = setTimeout(() => this.#interrupt({ kind: "timeout" }), timeout * 1000);
    for (const [signal, handler] of this.#handlers) process.once(signal, handler);
  }

  /** What happened first; undefined while nothing has. */
  get interruption(): Interruption | undefined {
    return this.#interruption;
  }

  /** Calls `stop` when something happens, at once when it already has; in place of what was to be called before. */
  onInterruption(stop: () => void): void {
    this.#stop = stop;
    if (this.#interruption !== undefined) stop();
  }

  /** Gives time and signals up. */
  release(): void {
    clearTimeout(this.#timer);
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
  }

  #interrupt(interruption: Interruption): void {
    this.#interruption ??= interruption;
    this.#stop();
  }
}
