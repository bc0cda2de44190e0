import type { Machine, MachineStop } from "../machine.ts";

/** The ends of a machine. */
export type MachineEnd = Exclude<MachineStop, { readonly reason: "count" | "idle" | "breakpoint" | "watchpoint" }>;

/** How a machine is driven. */
export interface DriveOptions {
  /** Instructions between two looks at the host's events. Default 400,000: some milliseconds. */
  readonly slice?: number;
  /** Aborting it leaves the machine as it is, between two instructions. */
  readonly signal?: AbortSignal;
  /** Runs the machine for so many instructions, instead of its own `run`: a debugger; undefined when it is to stand still until `wake` is called. */
  readonly run?: (count: number) => MachineStop | undefined;
  /** Is called after each slice, so that what the guest has sent can be passed on. */
  readonly pause?: () => void;
}

/** A machine that runs whenever the host has nothing else to do. */
export interface Drive {
  /** How the machine ended; undefined when `signal` was aborted first. */
  readonly done: Promise<MachineEnd | undefined>;
  /** Ends a wait: something has changed that the machine does not tell of. */
  wake(): void;
}

const isEnd = (stop: MachineStop): stop is MachineEnd =>
  stop.reason !== "count" && stop.reason !== "idle" && stop.reason !== "breakpoint" && stop.reason !== "watchpoint";

/** The longest time that a timer takes: milliseconds in 31 bits. */
const longest = 2 ** 31 - 1;

/** Lets the host's other events be handled; resolves as soon as those that have come are. */
async function yieldToHost(): Promise<void> {
  // A browser has no setImmediate, and makes a nested timer wait for 4 ms; a message does not wait.
  if (typeof setImmediate === "function") return new Promise((resolve) => void setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Waits that end early. */
class Sleep {
  #wake: (() => void) | undefined;

  async wait(nanoseconds: number): Promise<void> {
    const milliseconds = Math.min(Math.floor(nanoseconds / 1e6), longest);
    if (milliseconds < 1) return yieldToHost();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  wake(): void {
    this.#wake?.();
  }
}

/**
 * Runs a machine to its end, a slice at a time: the host's own events are handled in between, and while the guest waits nothing is computed.
 * Input and `wake` end such a wait.
 */
export function drive(machine: Machine, options: DriveOptions = {}): Drive {
  const { slice = 400_000, signal, run = (count) => machine.run(count), pause = () => {} } = options;
  const sleep = new Sleep();
  const wake = (): void => sleep.wake();
  const aborted = (): boolean => signal?.aborted === true;
  const work = async (): Promise<MachineEnd | undefined> => {
    const deaf = machine.on("input", wake);
    signal?.addEventListener("abort", wake);
    try {
      // Input that the caller has ready comes before the guest's first instruction.
      await yieldToHost();
      while (!aborted()) {
        const stop = run(slice);
        pause();
        if (stop !== undefined && isEnd(stop)) return stop;
        // The pause may have ended it, and nobody would end a wait that begins now.
        if (aborted()) return undefined;
        if (stop?.reason === "count") await yieldToHost();
        else await sleep.wait(stop?.reason === "idle" ? stop.wait : Number.POSITIVE_INFINITY);
      }
      return undefined;
    } finally {
      deaf();
      signal?.removeEventListener("abort", wake);
    }
  };
  return { done: work(), wake };
}
