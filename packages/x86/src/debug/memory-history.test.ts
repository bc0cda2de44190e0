import fc from "fast-check";
import { expect, test } from "vitest";
import { PAGE } from "../snapshot/pages.ts";
import { MemoryHistory } from "./memory-history.ts";

const PAGES = 6;

/** What happens to a memory and its history, in order. */
const event = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), address: fc.nat(PAGES * PAGE - 1), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("add" as const) }),
  fc.record({ kind: fc.constant("recall" as const), at: fc.nat(100) }),
  fc.record({ kind: fc.constant("forget" as const), at: fc.nat(100) }),
  fc.record({ kind: fc.constant("truncate" as const), at: fc.nat(100) }),
);

test("every instant that is kept can be recalled, whatever was written, forgotten or cut off since", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const ram = new Uint8Array(PAGES * PAGE);
      const history = new MemoryHistory(ram);
      const model = [ram.slice()];
      for (const happened of events) {
        if (happened.kind === "write") ram[happened.address] = happened.value;
        if (happened.kind === "add") {
          history.add();
          model.push(ram.slice());
        }
        if (happened.kind === "recall") {
          const number = happened.at % model.length;
          history.recall(number);
          expect(Buffer.compare(ram, model[number] ?? ram.subarray(1))).toBe(0);
        }
        if (happened.kind === "forget" && model.length > 1) {
          const number = happened.at % (model.length - 1);
          history.forget(number);
          model.splice(number, 1);
        }
        if (happened.kind === "truncate") {
          const number = happened.at % model.length;
          history.truncate(number);
          model.splice(number + 1);
        }
        expect(history.instants).toBe(model.length);
      }
    }),
  );
});
