/** An event that a chip has asked for. */
export interface Alarm {
  /** Nanoseconds of machine time. */
  readonly due: number;
  readonly ring: () => void;
}

/** The only time that chips know: nanoseconds since power-on, and alarms at an instant. */
export interface Clock {
  /** Nanoseconds since power-on; never goes back. A number is exact for 104 days. */
  now(): number;
  /** Calls `ring` when `due` is reached; at once in the next `ringDue` when it has passed. */
  schedule(due: number, ring: () => void): Alarm;
  cancel(alarm: Alarm): void;
}

/**
 * Alarms in the order in which they ring: by time, then by the order in which they were set, so that two runs agree.
 * There are a handful at a time, so a sorted array is the fastest queue.
 */
export class AlarmQueue {
  private readonly alarms: Alarm[] = [];

  add(alarm: Alarm): void {
    let index = this.alarms.length;
    while (index > 0 && (this.alarms[index - 1]?.due ?? 0) > alarm.due) index--;
    this.alarms.splice(index, 0, alarm);
  }

  remove(alarm: Alarm): void {
    const index = this.alarms.indexOf(alarm);
    if (index >= 0) this.alarms.splice(index, 1);
  }

  /** When the next alarm rings; Infinity when there is none. */
  get next(): number {
    return this.alarms[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Takes the next alarm that is due. */
  take(now: number): Alarm | undefined {
    return this.next <= now ? this.alarms.shift() : undefined;
  }

  clear(): void {
    this.alarms.length = 0;
  }
}

/** Where a clock's nanoseconds come from. */
export interface TimeSource {
  now(): number;
}

/** Machine time on top of a source. */
export class MachineClock implements Clock {
  private readonly source: TimeSource;
  private readonly queue = new AlarmQueue();

  constructor(source: TimeSource) {
    this.source = source;
  }

  now(): number {
    return this.source.now();
  }

  schedule(due: number, ring: () => void): Alarm {
    const alarm: Alarm = { due, ring };
    this.queue.add(alarm);
    return alarm;
  }

  cancel(alarm: Alarm): void {
    this.queue.remove(alarm);
  }

  /** Forgets all alarms: whoever wants one sets it anew. */
  clear(): void {
    this.queue.clear();
  }

  /** When the next alarm rings; Infinity when there is none. */
  get nextAlarm(): number {
    return this.queue.next;
  }

  /**
   * Rings every alarm that is due now, also those that the ringing sets. What becomes due meanwhile waits for the next call: on a slow host a fast
   * timer would be due again each time.
   */
  ringDue(): void {
    const now = this.now();
    for (let alarm = this.queue.take(now); alarm !== undefined; alarm = this.queue.take(now)) alarm.ring();
  }
}
