import { gdtSlots, memoryMap, selectors, structures, switchReasons } from "@mercury/abi";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeMachine } from "../../test/fake-machine.ts";

const root = new URL("../../", import.meta.url);
const tls = (gdtSlots.tls0 << 3) | 3;
const dataRing3 = 0x00cf_f200;
const badDescriptor = switchReasons.findIndex(({ name }) => name === "badDescriptor");
const frame = memoryMap.kernelDataBase + 0x6000;

let machine: FakeMachine;
beforeEach(async () => {
  machine = await FakeMachine.start(root, { memoryBytes: 64 << 20 });
});

const setNativeTls = (slot: number, high: number): void => machine.write(machine.nativeGdt + (gdtSlots.tls0 + slot) * 8 + 4, high);

/** What an attach does after its checks. */
function attach(): void {
  for (const { name } of structures.vmmFrame.fields) machine.write(frame + machine.offset("vmmFrame", name), 0);
  for (const step of ["startEpoch", "adoptMemory", "adoptDescriptors", "adoptInterrupts"]) machine.call(step);
  machine.call("enterVirtual", frame);
}

describe("segments that a program holds over a switch", () => {
  test.each([0, 3, selectors.userData, tls])("selector %i stays", (selector) => {
    setNativeTls(0, dataRing3);
    machine.registers.gs = selector;
    expect(machine.call("adoptable")).toBe(0);
    attach();
    expect(machine.registers.gs).toBe(selector);
    machine.call("releaseDescriptors");
    machine.call("enterNative", frame);
    expect(machine.registers.gs).toBe(selector);
  });

  test("one whose descriptor is gone becomes null instead of a fault in ring 0", () => {
    machine.registers.fs = tls;
    expect(machine.call("adoptable")).toBe(0);
    attach();
    expect(machine.registers.fs).toBe(0);
  });

  test.each([selectors.kernelData, selectors.taskState, tls | 4])("selector %i refuses the attach", (selector) => {
    machine.registers.gs = selector;
    expect([machine.call("adoptable"), machine.call("failureDetail")]).toEqual([badDescriptor, selector]);
  });

  test.each([0x00cf_9200, 0x00cf_fa00, 0x0000_e900])("a thread-local descriptor of access %i refuses the attach", (high) => {
    setNativeTls(1, high);
    expect(machine.call("adoptable")).toBe(badDescriptor);
  });

  test("thread-local descriptors and the kernel's stack come over, and go back with what was set meanwhile", () => {
    setNativeTls(2, dataRing3);
    machine.write(machine.nativeTaskState + machine.offset("taskState", "esp0"), machine.kernelStackTop);
    expect(machine.call("adoptable")).toBe(0);
    attach();
    expect(machine.hypercall(14, 1, 0x1234, dataRing3)).toBe(0);
    expect(machine.hypercall(13, machine.kernelStackTop - 64)).toBe(0);
    machine.call("releaseDescriptors");
    const native = [0, 1, 2].map((slot) => machine.read(machine.nativeGdt + (gdtSlots.tls0 + slot) * 8 + 4));
    expect(native).toEqual([0, dataRing3, dataRing3]);
    expect(machine.read(machine.nativeTaskState + machine.offset("taskState", "esp0"))).toBe(machine.kernelStackTop - 64);
  });

  test("the dormant tables are sealed again after the way back, and the seal notices any change", () => {
    expect(machine.call("sealIntact")).toBe(1);
    attach();
    machine.call("releaseDescriptors");
    machine.call("enterNative", frame);
    expect(machine.call("sealIntact")).toBe(1);
    for (const place of machine.sealedPlaces) {
      machine.write(place, machine.read(place) ^ 0x100);
      expect(machine.call("sealIntact"), place.toString(16)).toBe(0);
      machine.write(place, machine.read(place) ^ 0x100);
    }
    expect(machine.call("sealIntact")).toBe(1);
  });
});
