import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Alarm } from "../clock/clock.ts";
import { ManualClock } from "../clock/manual.ts";
import { AcpiPower } from "./acpi-power.ts";
import { Pit8254, pitHertz } from "./pit8254.ts";
import { Rtc } from "./rtc.ts";

/** A clock that does not let a timer ask for the same instant for ever. */
class WatchedClock extends ManualClock {
  private alarms = 0;

  override schedule(due: number, ring: () => void): Alarm {
    if (++this.alarms > 10_000) throw new Error("it rings without end");
    return super.schedule(due, ring);
  }
}

/** A timer that has been started at time 0: its edges per second. */
type Start = (clock: ManualClock, edge: () => void) => number;

/** Calls `edge` when a pin rises. */
function rising(edge: () => void): (level: boolean) => void {
  let before = true;
  return (level) => {
    if (level && !before) edge();
    before = level;
  };
}

const timers: readonly (readonly [string, Start])[] = [
  ...[2, 3].map(
    (mode) =>
      [
        `8254, mode ${mode}`,
        (clock: ManualClock, edge: () => void): number => {
          const pit = new Pit8254(clock, [rising(edge), () => {}, () => {}]);
          for (const [offset, value] of [
            [3, 0x30 | (mode << 1)],
            [0, 100],
            [0, 0],
          ] as const)
            pit.write(offset, 1, value);
          return pitHertz / 100;
        },
      ] as const,
  ),
  [
    "real-time clock",
    (clock, edge) => {
      // Read at each interrupt, as a handler does.
      const rtc = new Rtc(
        clock,
        (level) => {
          if (!level) return;
          edge();
          rtc.write(0, 1, 0x0c);
          rtc.read(1, 1);
        },
        0,
      );
      for (const [cell, value] of [
        [0x0a, 0x23],
        [0x0b, 0x42],
      ] as const) {
        rtc.write(0, 1, cell);
        rtc.write(1, 1, value);
      }
      return 8192;
    },
  ],
  [
    "power management timer",
    (clock, edge) => {
      const power = new AcpiPower(
        clock,
        (level) => {
          if (!level) return;
          edge();
          power.write(0, 2, 1);
        },
        () => {},
      );
      power.write(2, 2, 1);
      return 3_579_545 / 2 ** 23;
    },
  ],
];

describe.each(timers)("%s", (_, start) => {
  test("keeps its pace after any time that a machine may have run", () => {
    // Up to 52 days; the products with a tick's length are rounded to more than a nanosecond there.
    fc.assert(
      fc.property(
        fc
          .oneof(
            fc.nat(),
            fc.maxSafeNat().map((time) => time / 2),
          )
          .map(Math.floor),
        (uptime) => {
          const clock = new WatchedClock();
          let edges = 0;
          const hertz = start(clock, () => edges++);
          clock.jump(uptime);
          edges = 0;
          const seconds = 50 / hertz;
          clock.advance(Math.ceil(seconds * 1e9));
          expect(Math.abs(edges - 50)).toBeLessThanOrEqual(1);
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });
});
