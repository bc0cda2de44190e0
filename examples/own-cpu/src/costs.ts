/** What is charged for, besides the one cycle of every instruction. */
export const eventClasses = ["exception", "interrupt", "portRead", "portWrite", "deviceRead", "deviceWrite"] as const;

export type EventClass = (typeof eventClasses)[number];

/** Cycles of one event of each class, whole and not negative. */
export type Costs = Readonly<Record<EventClass, number>>;

/**
 * Round numbers for a processor of 1 GHz: an exception or interrupt empties the pipeline and takes five memory accesses; a port of the ISA
 * bus answers in about a microsecond, a device's memory in a third of that.
 */
export const defaultCosts: Costs = {
  exception: 100,
  interrupt: 150,
  portRead: 1000,
  portWrite: 1000,
  deviceRead: 300,
  deviceWrite: 300,
};

/** Events that have happened, by class. */
export type Events = Readonly<Record<EventClass, number>>;

/** What a machine's run has cost. */
export interface Bill {
  readonly instructions: number;
  readonly events: Events;
  /** Cycles by class, and in all with the instructions' own. */
  readonly charged: Readonly<Record<EventClass, number>>;
  readonly cycles: number;
}

/** Sum of all charges. */
export function surcharge(events: Events, costs: Costs): number {
  return eventClasses.reduce((sum, name) => sum + events[name] * costs[name], 0);
}

export function billFor(instructions: number, events: Events, costs: Costs): Bill {
  const charge = (name: EventClass): number => events[name] * costs[name];
  return {
    instructions,
    events,
    charged: {
      exception: charge("exception"),
      interrupt: charge("interrupt"),
      portRead: charge("portRead"),
      portWrite: charge("portWrite"),
      deviceRead: charge("deviceRead"),
      deviceWrite: charge("deviceWrite"),
    },
    cycles: instructions + surcharge(events, costs),
  };
}

/** Refuses costs that would take the time stamp counter back, or between two ticks. */
export function checkCosts(costs: Costs): void {
  for (const name of eventClasses) {
    const cost = costs[name];
    if (!Number.isSafeInteger(cost) || cost < 0)
      throw new RangeError(`costs.${name} is ${cost}; a whole number of cycles from 0 on is needed`);
  }
}
