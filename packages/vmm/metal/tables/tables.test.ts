import { hypercalls, memoryMap, pageBits } from "@mercury/abi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audit } from "../../test/audit.ts";
import { FakeMachine, MachineOff } from "../../test/fake-machine.ts";

const root = new URL("../../", import.meta.url);
const memoryBytes = 64 << 20;
const { present, writable, user, deferred } = pageBits;
const pageFault = 14;

/** Frames that the commands play with: few, so that they meet. */
const frames = [60, 61, 62, 63, 64, 65];
const frame = fc.constantFrom(...frames);
/** Few indexes, too, on both sides of the borders between the halves; the user's twice as often. */
const index = fc.oneof(fc.constantFrom(0, 1, 256, 703), fc.constantFrom(0, 1, 256), fc.constantFrom(704, 767, 960, 1008, 1023));
const page = present | writable | user;
const flags = fc.oneof({ weight: 3, arbitrary: fc.constant(page) }, { weight: 2, arbitrary: fc.constantFrom(0, present, present | user, deferred | writable | user, 0x181, 0x81) });

type Command = (machine: FakeMachine) => void;
const command = (make: (machine: FakeMachine) => [keyof typeof hypercalls, ...number[]]): Command => (machine) => {
  const [name, ...parameters] = make(machine);
  machine.hypercall(hypercalls[name].number, ...parameters);
};

/** What an entry may name: a table, the domain's data, the VMM, a device. */
const target = fc.oneof(
  frame.map((each) => (machine: FakeMachine): number => machine.tableMachine(each)),
  fc.constantFrom(0x0080_0000, 0x0010_0000, 0xfec0_0000, 0xff00_0000).map((address) => (): number => address),
  fc.constant((machine: FakeMachine): number => machine.reserve),
);
const value = fc.tuple(target, flags).map(([address, bits]) => (machine: FakeMachine): number => (address(machine) | bits) >>> 0);

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(frame, index, value).map(([at, slot, make]) => command((m) => ["setEntry", m.tableAt(at) + slot * 4, make(m)])) },
  fc.tuple(frame, index, value).map(([at, slot, make]) => command((m) => ["exchangeEntry", m.tableAt(at) + slot * 4, make(m)])),
  fc.tuple(frame, index, fc.constantFrom(1, 2, 16, 1024)).map(([at, slot, count]) => command((m) => ["clearEntries", m.tableAt(at) + slot * 4, count])),
  frame.map((at) => command((m) => ["clearEntries", m.tableAt(at), 1024])),
  fc.tuple(frame, frame, fc.constantFrom(1, 64, 1024)).map(([to, from, count]) => command((m) => ["forkEntries", m.tableAt(to), m.tableAt(from), count])),
  frame.map((at) => command((m) => ["prepareDirectory", m.tableAt(at)])),
  frame.map((at) => command((m) => ["releaseTable", m.tableAt(at)])),
  fc.oneof(frame, fc.constant(0)).map((at) => command((m) => ["loadSpace", m.tableMachine(at)])),
  index.map((slot) => (machine: FakeMachine): void => touch(machine, (slot << 22) >>> 0)),
);

/** An access that misses: what the VMM owes is made good, anything else reaches the kernel's handler. */
function touch(machine: FakeMachine, address: number): void {
  machine.registers.cr2 = address;
  machine.enter("handleException", { vector: pageFault, error: 0 });
}

/** An illegal slot that is touched ends the domain, which ends the list. */
function runUntilEnd(machine: FakeMachine, list: readonly Command[]): void {
  try {
    for (const each of list) each(machine);
  } catch (error) {
    if (!(error instanceof MachineOff) || error.code !== 102) throw error;
  }
}

describe("whatever the kernel asks for", () => {
  test.each([
    ["identity", (chunk: number) => chunk],
    ["shuffled", (chunk: number) => (chunk >= 2 && chunk < 14 ? 15 - chunk : chunk)],
  ])("types, hooks and kernel halves are as a recount says (%s frames)", async (_name, machineChunks) => {
    await fc.assert(
      fc.asyncProperty(fc.array(commands, { maxLength: 120, size: "max" }), async (list) => {
        const machine = await FakeMachine.start(root, { memoryBytes, machineChunks });
        machine.bootFirst();
        const made = frames.map((at, number) => command((m) => (number < 3 ? ["prepareDirectory", m.tableAt(at)] : ["clearEntries", m.tableAt(at), 1024])));
        runUntilEnd(machine, [...made, ...list]);
        expect(audit(machine)).toEqual([]);
        expect(machine.registers.cr0 & 0x1_0000, "CR0.WP").toBe(0x1_0000);
      }),
      { numRuns: 40, seed: 20_070_901 },
    );
  });
});

describe("after an attach", () => {
  const [directory, leaf] = [70, 71];
  const data = 0x0080_0000;

  /** A native address space as the kernel leaves it, its directory running. */
  async function native(entry: number): Promise<FakeMachine> {
    const machine = await FakeMachine.start(root, { memoryBytes });
    for (let slot = memoryMap.directMapBase >>> 22; slot < 1024; slot++)
      machine.write(machine.tableAt(directory) + slot * 4, machine.read(machine.tableAt(0) + slot * 4));
    machine.write(machine.tableAt(leaf), entry);
    machine.write(machine.tableAt(directory) + 0x400, machine.tableMachine(leaf) | present | writable | user);
    machine.registers.cr3 = machine.tableMachine(directory);
    expect(machine.call("adoptable")).toBe(0);
    machine.call("startEpoch");
    return machine;
  }

  async function attached(entry: number): Promise<FakeMachine> {
    const machine = await native(entry);
    machine.call("adoptMemory");
    machine.call("adoptDescriptors");
    return machine;
  }

  test("the first touch parks the present slots, the second validates the leaf", async () => {
    const machine = await attached(data | present | writable | user);
    const slot = (): number => machine.read(machine.tableAt(directory) + 0x400);
    touch(machine, 0x4000_0000);
    expect(slot() & (present | deferred)).toBe(deferred);
    expect(machine.registers.cr3).toBe(machine.tableMachine(directory));
    touch(machine, 0x4000_0000);
    expect(slot() & (present | deferred)).toBe(present);
    expect(machine.record(leaf)).toMatchObject({ type: 1, hooks: 1 });
    expect(audit(machine)).toEqual([]);
  });

  test("an illegal entry ends the domain when its leaf is touched, not before", async () => {
    const machine = await attached(machineTable | present | writable);
    touch(machine, 0x4000_0000);
    expect(() => touch(machine, 0x4000_0000)).toThrow("102");
    expect(machine.console).toContain("must be refused");
  });

  test("the eager strategy refuses the same entry, and validates a legal space at once", async () => {
    const refused = await native(machineTable | present | writable);
    expect(refused.call("validateAll")).not.toBe(0);
    const machine = await native(data | present | writable);
    expect(machine.call("validateAll")).toBe(0);
    expect(machine.record(leaf)).toMatchObject({ type: 1, hooks: 1 });
    expect(audit(machine)).toEqual([]);
  });

  test("the running space alone can be validated at once: refused for the same entry, and no other space is looked at", async () => {
    const refused = await native(machineTable | present | writable);
    expect(refused.call("validateRunning")).not.toBe(0);
    const machine = await native(data | present | writable);
    const [other, itsLeaf] = [72, 73];
    for (let slot = memoryMap.directMapBase >>> 22; slot < 1024; slot++)
      machine.write(machine.tableAt(other) + slot * 4, machine.read(machine.tableAt(0) + slot * 4));
    machine.write(machine.tableAt(other) + 0x400, machine.tableMachine(itsLeaf) | present | writable | user);
    expect(machine.call("validateRunning")).toBe(0);
    expect(machine.record(leaf)).toMatchObject({ type: 1, hooks: 1 });
    expect(machine.record(itsLeaf)).toMatchObject({ type: 0, hooks: 0 });
    expect(audit(machine)).toEqual([]);
  });

  test("a thread in the master directory has no space to validate", async () => {
    const machine = await native(machineTable | present | writable);
    machine.registers.cr3 = machine.tableMachine(0);
    expect(machine.call("validateRunning")).toBe(0);
  });
});

/** A frame of the zone: mapping it writable is what must never be. */
const machineTable = memoryMap.zoneBase + 65 * memoryMap.pageSize;
