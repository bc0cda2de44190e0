import type { CpuLayer } from "@mercury/x86";
import { type Bill, billFor, checkCosts, type Costs, defaultCosts } from "./costs.ts";
import { TimedCpu } from "./timed-cpu.ts";

export { type Bill, type Costs, defaultCosts, type EventClass, type Events } from "./costs.ts";

/** A processor with a timing model, and what its use has cost. */
export interface TimingModel {
  /** For `defineMachine({ cpu })` of `@mercury/machine` or `createMachine({ cpu })` of `@mercury/x86`. */
  readonly cpu: CpuLayer;
  /** The bill of the machine that was made last; throws an Error before there is one. */
  readonly bill: () => Bill;
}

/**
 * A timing model around another processor: every instruction takes a cycle, every event of a class what `costs` says. Programs see it in
 * the time stamp counter, which the charges put forward; what is executed does not change.
 * Throws a RangeError for costs that are no whole numbers from 0 on.
 */
export function timingModel(inner: CpuLayer, costs: Costs = defaultCosts): TimingModel {
  checkCosts(costs);
  let latest: TimedCpu | undefined;
  return {
    cpu: {
      kind: "cpu",
      name: `own-cpu(${inner.name})`,
      version: "0.1.0",
      create: (options) => (latest = new TimedCpu(inner, options, costs)),
    },
    bill: () => {
      if (latest === undefined) throw new Error("no machine has been made with this processor yet");
      return billFor(latest.retired, latest.events, costs);
    },
  };
}
