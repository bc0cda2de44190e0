import { memoryMap, structures, switchReasons } from "@mercury/abi";
import { expect, test } from "vitest";
import { FakeMachine } from "../test/fake-machine.ts";

const root = new URL("../", import.meta.url);
const badDescriptor = switchReasons.findIndex(({ name }) => name === "badDescriptor");

test("a detach needs a stack of the kernel's own data for the native frame", async () => {
  const machine = await FakeMachine.start(root, { memoryBytes: 64 << 20 });
  const releasableWith = (stack: number): number => {
    machine.write(machine.stackTop - structures.vmmFrame.size + machine.offset("vmmFrame", "esp"), stack);
    return machine.call("releasable");
  };
  expect(releasableWith(memoryMap.kernelDataBase + 0x1000)).toBe(0);
  for (const stack of [
    0,
    16,
    memoryMap.userEnd,
    memoryMap.vmmBase + 0x1000,
    memoryMap.directMapBase + memoryMap.zoneBase + 64,
    0xffff_ffff,
  ])
    expect([stack, releasableWith(stack)]).toEqual([stack, badDescriptor]);
});
