import fc from "fast-check";
import { expect, test } from "vitest";
import { AttachedDisk } from "../disk/attached.ts";
import { memoryDisk } from "../disk/memory.ts";
import { DiskHistory } from "./disk-history.ts";

/** The last block is a part of one. */
const SECTORS = 37;
const attached = (bytes: Uint8Array): AttachedDisk => new AttachedDisk({ disk: memoryDisk(bytes) }, 0);

/** What happens to a disk and its history, in order. `recall` goes to an instant, `replay` from there to the present as it was. */
const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      at: fc.nat(SECTORS - 1),
      count: fc.integer({ min: 1, max: 12 }),
      fill: fc.nat(255),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("add" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("recall" as const), at: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const), at: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truncate" as const), at: fc.nat(100) }) },
);

test("every instant that is kept can be recalled, whatever was written, forgotten or cut off since", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const bytes = new Uint8Array(SECTORS * 512);
      const disk = attached(bytes);
      const history = new DiskHistory(disk);
      const model = [bytes.slice()];
      const recall = (number: number): void => {
        history.recall(number);
        expect(Buffer.compare(bytes, model[number] ?? bytes.subarray(1))).toBe(0);
      };
      for (const happened of events) {
        if (happened.kind === "write") {
          const count = Math.min(happened.count, SECTORS - happened.at);
          disk.write(happened.at, new Uint8Array(count * 512).fill(happened.fill));
        }
        if (happened.kind === "add") {
          history.add();
          model.push(bytes.slice());
        }
        if (happened.kind === "recall") recall(happened.at % model.length);
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
      }
      for (const number of [...model.keys()].toReversed()) recall(number);
      recall(model.length - 1);
      expect(history.sinceLast).toBe(0);
    }),
  );
});

test("keeps what was overwritten once for each instant, and nothing of what is forgotten", () => {
  const disk = attached(new Uint8Array(SECTORS * 512));
  const history = new DiskHistory(disk);
  for (let round = 0; round < 100; round++) disk.write(9, new Uint8Array(512).fill(round));
  expect([history.size, history.sinceLast]).toEqual([4096, 4096]);
  history.add();
  disk.write(9, new Uint8Array(512));
  expect([history.size, history.sinceLast]).toEqual([8192, 4096]);
  history.forget(0);
  expect(history.size).toBe(4096);
  history.recall(0);
  expect(history.size).toBe(0);
});

test("a disk that fails under a recall can be recalled again", () => {
  const bytes = new Uint8Array(SECTORS * 512);
  const inner = memoryDisk(bytes);
  let failing = false;
  const write = (sector: number, data: Uint8Array): void => {
    if (failing && sector >= 8) throw new Error("no space left on device");
    inner.write(sector, data);
  };
  const disk = new AttachedDisk({ disk: { ...inner, name: "d.img", write } }, 0);
  const history = new DiskHistory(disk);
  for (const sector of [0, 8, 16]) disk.write(sector, new Uint8Array(512).fill(5));
  failing = true;
  expect(() => history.recall(0)).toThrow("disk 1 (d.img) cannot be put back to what it was: no space left on device");
  failing = false;
  history.recall(0);
  expect(bytes.some((byte) => byte !== 0)).toBe(false);
});
