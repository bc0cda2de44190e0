import fc from "fast-check";
import { expect, test } from "vitest";
import { Ticks } from "./ticks.ts";

const hertz = fc.constantFrom(1, 32_768, 1_193_182, 3_579_545);
const time = fc.oneof(fc.nat(), fc.maxSafeNat());

test("ticks of a time are those of whole-number arithmetic", () => {
  fc.assert(
    fc.property(hertz, time, (frequency, at) => {
      expect(BigInt(new Ticks(frequency).at(at))).toBe((BigInt(at) * BigInt(frequency)) / 1_000_000_000n);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("a tick has come at its time, and not a nanosecond before", () => {
  fc.assert(
    fc.property(hertz, time, (frequency, at) => {
      const ticks = new Ticks(frequency);
      const next = ticks.at(at) + 1;
      fc.pre(ticks.time(next) <= Number.MAX_SAFE_INTEGER);
      expect(ticks.at(ticks.time(next))).toBe(next);
      expect(ticks.at(ticks.time(next) - 1)).toBe(next - 1);
    }),
    { seed: 1, numRuns: 2000 },
  );
});
