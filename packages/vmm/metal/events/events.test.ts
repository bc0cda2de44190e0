import { memoryMap, selectors, vectors } from "@mercury/abi";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeMachine } from "../../test/fake-machine.ts";

const root = new URL("../../", import.meta.url);
const interruptFlag = 0x200;
const timer = 0;
const serial = 4;

let machine: FakeMachine;
beforeEach(async () => {
  machine = await FakeMachine.start(root, { memoryBytes: 64 << 20 });
  machine.bootFirst();
});

const setFlag = (value: number): void => machine.setShared("virtualInterruptFlag", value);
const raise = (line: number, registers: { eip?: number; cs?: number; ss?: number; esp?: number } = {}): Readonly<Record<string, number>> =>
  machine.enter("handleInterrupt", { vector: vectors.irqBase + line, ...registers });
const handler = (line: number): number => machine.handlerOf(vectors.irqBase + line);
const pending = (): number => machine.shared("pendingEvents");

describe("an interrupt", () => {
  test("of user code is delivered on the kernel's stack, in the native frame, with the flag off", () => {
    setFlag(interruptFlag);
    const top = machine.kernelStackTop;
    const out = raise(timer, { cs: selectors.userCode, ss: selectors.userData, eip: 0x0804_8000, esp: 0xafff_0000 });
    expect(out).toMatchObject({ eip: handler(timer), cs: selectors.kernelCodeRing1, ss: selectors.kernelDataRing1, esp: top - 20 });
    const frame = [20, 16, 12, 8, 4].map((below) => machine.read(top - below));
    expect(frame).toEqual([0x0804_8000, selectors.userCode, 0x202, 0xafff_0000, selectors.userData]);
    expect([machine.shared("virtualInterruptFlag"), pending()]).toEqual([0, 0]);
  });

  test("of kernel code is delivered on the stack that is in use", () => {
    setFlag(interruptFlag);
    const esp = machine.kernelStackTop - 256;
    const out = raise(timer, { eip: memoryMap.kernelTextBase + 0x80 });
    expect(out).toMatchObject({ eip: handler(timer), esp: esp - 12 });
    expect(machine.read(esp - 12)).toBe(memoryMap.kernelTextBase + 0x80);
  });

  test("waits while the kernel takes none, its line masked and ended at the controller", () => {
    setFlag(0);
    const eip = memoryMap.kernelTextBase + 0x80;
    expect(raise(serial, { eip })["eip"]).toBe(eip);
    expect(pending()).toBe(1 << serial);
    expect(machine.ports.slice(-2)).toEqual(["21:fb", "20:64"]);
  });

  test("in a flag thunk takes it back to that thunk's start", () => {
    const [first, second] = machine.flagThunks;
    setFlag(interruptFlag);
    expect(raise(timer, { eip: second + 9 })["eip"]).toBe(second);
    expect(raise(serial, { eip: first })["eip"]).toBe(first);
    expect(pending()).toBe((1 << timer) | (1 << serial));
  });

  test("on the way to a hypercall waits for it; behind INT it is delivered", () => {
    const { start, afterInt } = machine.hypercallThunk;
    for (const eip of [start, afterInt - 2]) {
      setFlag(interruptFlag);
      expect(raise(timer, { eip })["eip"]).toBe(eip);
      machine.hypercall(0);
    }
    setFlag(interruptFlag);
    expect(raise(serial, { eip: afterInt })["eip"]).toBe(handler(serial));
  });
});

describe("delivery", () => {
  test("takes the lowest line first, the next when the flag is set again", () => {
    setFlag(0);
    raise(serial);
    raise(timer);
    const deliver = (): number => machine.enter("handleHypercall", { eax: 0 })["eip"] ?? 0;
    expect(deliver()).toBe(handler(timer));
    expect(pending()).toBe(1 << serial);
    expect(deliver()).toBe(handler(serial));
    expect(pending()).toBe(0);
  });

  test("does not believe pending bits that the kernel made up", () => {
    machine.setShared("pendingEvents", 0xffff);
    const eip = memoryMap.kernelTextBase + 0x40;
    expect(machine.enter("handleHypercall", { eax: 0, eip })["eip"]).toBe(eip);
  });

  test("acknowledging opens the line again, unless the kernel has masked it or it is pending anew", () => {
    setFlag(0);
    machine.hypercall(19, timer);
    raise(timer);
    machine.hypercall(20, timer);
    expect(machine.ports.at(-1), "still pending").toBe("21:fb");
    machine.hypercall(0);
    machine.hypercall(20, timer);
    expect(machine.ports.at(-1)).toBe("21:fa");
    machine.hypercall(18, timer);
    expect(machine.ports.at(-1)).toBe("21:fb");
  });
});

describe("a stack that is not the domain's data", () => {
  test.each([memoryMap.vmmBase + 0x1000, memoryMap.directMapBase + memoryMap.zoneBase + 0x1000, 0x1000, memoryMap.leafAreaBase + 64])("ends the domain: %i", (esp) => {
    setFlag(interruptFlag);
    expect(() => raise(timer, { esp })).toThrow("102");
    expect(machine.console).toContain("kernel stack");
  });
});
