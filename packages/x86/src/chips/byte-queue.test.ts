import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteQueue } from "./byte-queue.ts";

test("gives bytes in the order in which they came, and those put back first", () => {
  const action = fc.oneof(
    fc.uint8Array({ maxLength: 9000, size: "max" }).map((bytes) => ({ kind: "push", bytes: [...bytes] }) as const),
    fc.uint8Array({ maxLength: 16 }).map((bytes) => ({ kind: "back", bytes: [...bytes] }) as const),
    fc.nat(9000).map((count) => ({ kind: "take", count }) as const),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
      const queue = new ByteQueue();
      let model: number[] = [];
      for (const step of actions) {
        if (step.kind === "push") {
          queue.push(step.bytes);
          model.push(...step.bytes);
        } else if (step.kind === "back") {
          queue.putBack(step.bytes);
          model = [...step.bytes, ...model];
        } else {
          const taken = Array.from({ length: step.count }, () => queue.take()).filter((byte) => byte !== undefined);
          expect(taken).toEqual(model.slice(0, step.count));
          model = model.slice(step.count);
        }
        expect(queue.length).toBe(model.length);
      }
      expect(queue.toArray()).toEqual(model);
    }),
    { seed: 3, numRuns: 20 },
  );
});
