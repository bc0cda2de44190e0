import { errno, memoryMap } from "@mercury/abi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FakeSite } from "../test/fake-kernel.ts";
import { FakeMachine } from "../test/fake-machine.ts";

const root = new URL("../", import.meta.url);
const memoryBytes = 64 << 20;
const text = memoryMap.kernelTextBase + 0x1000;
const [native, virtual] = [0, 1];

const byte = fc.nat(255);
/** Sites of every length that two words can write, 16 bytes apart. */
const sites: fc.Arbitrary<readonly FakeSite[]> = fc
  .array(
    fc
      .integer({ min: 4, max: 8 })
      .chain((length) =>
        fc.tuple(fc.array(byte, { minLength: length, maxLength: length }), fc.array(byte, { minLength: length, maxLength: length })),
      ),
    { minLength: 1, maxLength: 20 },
  )
  .map((bodies) => bodies.map(([own, other], number) => ({ address: text + number * 16, native: own, virtual: other })));

describe("sites", () => {
  test("hold one whole form after each patch, and nothing beside them is touched", async () => {
    await fc.assert(
      fc.asyncProperty(sites, async (list) => {
        const machine = await FakeMachine.start(root, { memoryBytes, sites: list });
        const fence = list.map(({ address, native: body }) => machine.bytes(address + body.length, 16 - body.length).fill(0xcc));
        for (const form of [virtual, native]) {
          machine.call("patchSites", form);
          for (const site of list) {
            const body = form === native ? site.native : site.virtual;
            expect(Array.from(machine.bytes(site.address, body.length))).toEqual(body);
          }
          expect(machine.call("siteModified", form)).toBe(0);
        }
        expect(fence.every((bytes) => bytes.every((value) => value === 0xcc))).toBe(true);
      }),
      { numRuns: 15, seed: 20_070_901 },
    );
  });

  test("every changed byte is noticed, and named by its site", async () => {
    const list = [0, 1, 2].map((number) => ({
      address: text + number * 16,
      native: [1, 2, 3, 4, 5, 6, 7],
      virtual: [8, 9, 10, 11, 12, 13, 14],
    }));
    const machine = await FakeMachine.start(root, { memoryBytes, sites: list });
    list.forEach(({ address, native: body }, number) => {
      for (let index = 0; index < body.length; index++) {
        machine.bytes(address + index, 1)[0] = 0xff;
        expect([machine.call("siteModified", native), machine.call("failureDetail") >>> 0]).toEqual([number + 1, address]);
        machine.bytes(address + index, 1)[0] = body[index] ?? 0;
      }
    });
    expect(machine.call("siteModified", native)).toBe(0);
  });
});

describe("the warm-up refuses", () => {
  const site = (address: number, length: number): FakeSite => ({
    address,
    native: Array<number>(length).fill(0x90),
    virtual: Array<number>(length).fill(0x91),
  });

  test.each([
    ["a site outside the kernel's text", { sites: [site(memoryMap.kernelDataBase, 5)] }, errno.EINVAL],
    ["a site that ends behind it", { sites: [site(memoryMap.kernelTextBase + 0xffff, 5)] }, errno.EINVAL],
    ["a site that is too long", { sites: [site(text, 9)] }, errno.EINVAL],
    ["a zone with more frames than records", { record: { zoneFrames: 8193 } }, errno.ENOMEM],
    ["another interface version", { record: { interfaceVersion: 0 } }, errno.ENOEXEC],
    ["no kernel's record", { record: { magic: 0 } }, errno.ENOEXEC],
  ])("%s", async (_what, wrong, error) => {
    await expect(FakeMachine.start(root, { memoryBytes, ...wrong })).rejects.toThrow(`the warm-up says ${error}`);
  });
});
