import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "./manual.ts";

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
