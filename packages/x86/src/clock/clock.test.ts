import fc from "fast-check";
import { expect, test } from "vitest";
import { MachineClock } from "./clock.ts";
import { ManualClock } from "./manual.ts";
import { HostTime } from "./sources.ts";

test("alarms ring in the order of their times, equal ones in the order in which they were set", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 30 }), (times) => {
      const clock = new ManualClock();
      const rung: [number, number][] = [];
      times.forEach((due, index) => clock.schedule(due, () => rung.push([due, index])));
      clock.advance(100);
      expect(rung).toEqual(times.map((due, index): [number, number] => [due, index]).toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
    }),
  );
});

test("a cancelled alarm does not ring, and one set while ringing does", () => {
  const clock = new ManualClock();
  const rung: string[] = [];
  const cancelled = clock.schedule(10, () => rung.push("cancelled"));
  clock.schedule(5, () => {
    clock.cancel(cancelled);
    clock.schedule(7, () => rung.push(`second at ${clock.now()}`));
  });
  clock.advance(20);
  expect(rung).toEqual(["second at 7"]);
  expect(clock.now()).toBe(20);
});

test("a timer that is faster than the host does not keep it", () => {
  let time = 0;
  const clock = new MachineClock({ now: () => (time += 1000) });
  let rings = 0;
  const tick = (due: number): void => {
    if (++rings > 100) throw new Error("it rings for ever");
    clock.schedule(due + 500, () => tick(due + 500));
  };
  clock.schedule(10_000, () => tick(10_000));
  while (rings === 0) clock.ringDue();
  expect(rings).toBeLessThan(5);
});

test("the host's clock makes no long steps while the machine runs, and any while it stands", () => {
  let host = 1000;
  const time = new HostTime(() => host);
  time.setRunning(true);
  host += 3;
  expect(time.now()).toBe(3e6);
  host += 400;
  expect(time.now()).toBe(8e6);
  time.setRunning(false);
  host += 400;
  expect(time.now()).toBe(408e6);
  time.restore(7);
  host += 1;
  expect(time.now()).toBe(1e6 + 7);
});
