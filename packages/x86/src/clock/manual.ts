import { MachineClock, type TimeSource } from "./clock.ts";

/** A clock that a test moves by hand. */
export class ManualClock extends MachineClock {
  private readonly hands: { nanoseconds: number };

  constructor() {
    const hands = { nanoseconds: 0 };
    const source: TimeSource = { now: () => hands.nanoseconds };
    super(source);
    this.hands = hands;
  }

  /** Lets time pass at once, as a host that was busy elsewhere does; only then rings what is due. */
  jump(nanoseconds: number): void {
    this.hands.nanoseconds += nanoseconds;
    this.ringDue();
  }

  /** Lets time pass, ringing every alarm at its own instant. */
  advance(nanoseconds: number): void {
    const end = this.hands.nanoseconds + nanoseconds;
    while (this.nextAlarm <= end) {
      this.hands.nanoseconds = Math.max(this.hands.nanoseconds, this.nextAlarm);
      this.ringDue();
    }
    this.hands.nanoseconds = end;
  }
}
