import fc from "fast-check";
import { expect, test } from "vitest";
import { lastAtMost } from "./search.ts";

test("finds what a walk over all elements finds", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.integer({ min: -1, max: 51 }), (unsorted, value) => {
      const sorted = unsorted.toSorted((a, b) => a - b);
      expect(lastAtMost(sorted, (element) => element, value)).toBe(sorted.findLastIndex((element) => element <= value));
    }),
  );
});
