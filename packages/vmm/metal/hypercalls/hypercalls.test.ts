import { errno, hypercalls, memoryMap, pageBits, selectors } from "@mercury/abi";
import { beforeEach, describe, expect, test } from "vitest";
import { FakeMachine, MachineOff } from "../../test/fake-machine.ts";

const root = new URL("../../", import.meta.url);
const { present, writable, user, large, global, copyOnWrite } = pageBits;
/** A frame of the domain's own data, and free frames of the zone. */
const data = 0x0080_0000;
const [directory, leaf, other] = [100, 101, 102];
const page = present | writable | user;

let machine: FakeMachine;
const call = (name: keyof typeof hypercalls, ...parameters: number[]): number => machine.hypercall(hypercalls[name].number, ...parameters);

beforeEach(async () => {
  machine = await FakeMachine.start(root, { memoryBytes: 64 << 20 });
  machine.bootFirst();
});

/** An address space with one leaf that maps `data` at 0x40000000. */
function makeSpace(): void {
  expect(call("prepareDirectory", machine.tableAt(directory))).toBe(0);
  expect(call("clearEntries", machine.tableAt(leaf), 1024)).toBe(0);
  expect(call("setEntry", machine.tableAt(leaf), data | page)).toBe(0);
  expect(call("setEntry", machine.tableAt(directory) + 0x400, machine.tableMachine(leaf) | page)).toBe(0);
}

test("every number of the table answers, the next one does not", () => {
  const numbers = Object.values(hypercalls).map(({ number }) => number);
  expect(numbers).toEqual(numbers.map((_, index) => index));
  expect(machine.hypercall(numbers.length)).toBe(-errno.EINVAL);
  expect(call("version")).toBe(1);
});

describe("a leaf table", () => {
  beforeEach(makeSpace);

  test.each([
    ["a writable mapping of a table", () => machine.tableMachine(other) | page],
    ["the VMM's reserve", () => machine.reserve | present],
    ["the I/O APIC", () => memoryMap.apicChunk | page],
    ["a local APIC", () => 0xfee0_0000 | present],
    ["the end of the APICs' chunk", () => 0xfeff_f000 | page],
    ["a global page", () => data | page | global],
    ["bit 7", () => data | page | large],
  ])("takes no entry that is %s", (_what, entry) => {
    expect(call("setEntry", machine.tableAt(leaf) + 4, entry())).toBe(-errno.EPERM);
    expect(machine.read(machine.tableAt(leaf) + 4)).toBe(0);
  });

  test("takes a read-only mapping of a table, a device, and anything not present", () => {
    for (const entry of [machine.tableMachine(other) | present, 0xfebf_f000 | page, 0xff00_0000 | page, 0xffff_fffe])
      expect(call("setEntry", machine.tableAt(leaf) + 4, entry)).toBe(0);
  });

  test("cannot be released while a directory names it, and can afterwards", () => {
    expect(call("releaseTable", machine.tableAt(leaf))).toBe(-errno.EBUSY);
    expect(call("setEntry", machine.tableAt(directory) + 0x400, 0)).toBe(0);
    expect(call("releaseTable", machine.tableAt(leaf))).toBe(0);
  });

  test("gives its old value in an exchange", () => {
    const frame = machine.enter("handleHypercall", { eax: hypercalls.exchangeEntry.number, ebx: machine.tableAt(leaf), ecx: 0 });
    expect([frame["eax"], frame["edx"]]).toEqual([0, data | page]);
  });

  test("is shared with another one for copy-on-write by fork", () => {
    expect(call("clearEntries", machine.tableAt(other), 1024)).toBe(0);
    expect(call("forkEntries", machine.tableAt(other), machine.tableAt(leaf), 1024)).toBe(0);
    const shared = (data | present | user | copyOnWrite) >>> 0;
    expect([machine.read(machine.tableAt(leaf)), machine.read(machine.tableAt(other))]).toEqual([shared, shared]);
  });

  test("is validated before it is hooked when the VMM did not see it being made", () => {
    machine.write(machine.tableAt(other), machine.tableMachine(leaf) | page);
    expect(call("setEntry", machine.tableAt(directory) + 0x404, machine.tableMachine(other) | page)).toBe(-errno.EPERM);
    machine.write(machine.tableAt(other), data | page);
    expect(call("setEntry", machine.tableAt(directory) + 0x404, machine.tableMachine(other) | page)).toBe(0);
  });
});

describe("a directory", () => {
  beforeEach(makeSpace);

  test("keeps the kernel's half as the VMM wrote it", () => {
    for (const slot of [704, 960, 1008, 1023]) expect(call("setEntry", machine.tableAt(directory) + slot * 4, 0)).toBe(-errno.EPERM);
    expect(machine.read(machine.tableAt(directory) + 1008 * 4)).toBe(0);
  });

  test.each([
    ["a large page", () => data | page | large],
    ["a frame outside the zone", () => data | page],
    ["a directory", () => machine.tableMachine(directory) | page],
  ])("takes no slot that names %s", (_what, slot) => {
    expect(call("setEntry", machine.tableAt(directory) + 0x404, slot())).toBe(-errno.EPERM);
  });

  test("is not released while it is loaded", () => {
    expect(call("loadSpace", machine.tableMachine(directory))).toBe(0);
    expect(machine.registers.cr3).toBe(machine.tableMachine(directory));
    expect(call("releaseTable", machine.tableAt(directory))).toBe(-errno.EBUSY);
    expect(call("loadSpace", machine.tableMachine(0))).toBe(0);
    expect(call("releaseTable", machine.tableAt(directory))).toBe(0);
    expect(machine.record(leaf).hooks).toBe(0);
  });

  test("is no leaf table, and a leaf table is no directory", () => {
    expect(call("loadSpace", machine.tableMachine(leaf))).toBe(-errno.EINVAL);
    expect(call("forkEntries", machine.tableAt(directory), machine.tableAt(leaf), 1)).toBe(-errno.EPERM);
  });
});

describe("what the kernel passes", () => {
  test.each([
    ["setEntry", [0x1000, 0], errno.EFAULT],
    ["setEntry", [memoryMap.vmmBase, 0], errno.EFAULT],
    ["setEntry", [memoryMap.directMapBase + memoryMap.zoneBase + 2, 0], errno.EFAULT],
    ["clearEntries", [memoryMap.directMapBase + memoryMap.zoneBase + 0x1004, 1024], errno.EFAULT],
    ["updateEntries", [memoryMap.vmmBase, 1], errno.EFAULT],
    ["updateEntries", [memoryMap.kernelDataBase, 1025], errno.E2BIG],
    ["updateEntries", [0xffff_fff8, 2], errno.EFAULT],
    ["loadSpace", [0x0080_0000], errno.EINVAL],
    ["loadSpace", [0x0040_0004], errno.EINVAL],
    ["prepareDirectory", [memoryMap.directMapBase + memoryMap.zoneBase], errno.EBUSY],
    ["setKernelStack", [memoryMap.vmmBase + 0x1000], errno.EINVAL],
    ["setKernelStack", [4], errno.EINVAL],
    ["setTls", [3, 0, 0], errno.EINVAL],
    ["setTls", [0, 0xffff, 0x00cf_9200], errno.EINVAL],
    ["setTls", [0, 0xffff, 0x00cf_fa00], errno.EINVAL],
    ["loadTraps", [memoryMap.vmmBase, 1], errno.EFAULT],
    ["readPort", [0x20, 8], errno.EPERM],
    ["readPort", [0x9f, 16], errno.EPERM],
    ["writePort", [0xa1, 8, 0xff], errno.EPERM],
    ["writePort", [0x3c, 8, 0x20], errno.EPERM],
    ["writePort", [0x22, 8, 0x70], errno.EPERM],
    ["writePort", [0x23, 8, 1], errno.EPERM],
    ["writePort", [0x92, 8, 1], errno.EPERM],
    ["writePort", [0x90, 32, 0], errno.EPERM],
    ["writePort", [0x4cf, 16, 0], errno.EPERM],
    ["writePort", [0x4d1, 8, 0], errno.EPERM],
    ["writePort", [0x64, 8, 0xd1], errno.EPERM],
    ["writePort", [0x64, 8, 0xdd], errno.EPERM],
    ["writePort", [0x64, 8, 0xfd], errno.EPERM],
    ["writePort", [0x63, 16, 0xdf00], errno.EPERM],
    ["writePort", [0x61, 32, 0xd100_0000], errno.EPERM],
    ["writePort", [0x3f8, 7, 0], errno.EINVAL],
    ["writePort", [0xffff, 32, 0], errno.EINVAL],
    ["maskLine", [16], errno.EINVAL],
    ["unmaskLine", [2], errno.EINVAL],
    ["acknowledgeLine", [0xffff_ffff], errno.EINVAL],
    ["writeConsole", [memoryMap.kernelDataBase, 257], errno.E2BIG],
    ["writeConsole", [memoryMap.leafAreaBase, 1], errno.EFAULT],
  ] as const)("%s%j is refused", (name, parameters, error) => {
    expect(call(name, ...parameters)).toBe(-error);
  });

  test("a thread-local descriptor of DPL 3 is taken, with any limit", () => {
    expect(call("setTls", 0, 0xffff, 0x00cf_f200)).toBe(0);
  });
});

describe("returning through the slow path", () => {
  const frameAt = memoryMap.kernelDataBase + 0x7000;
  const frame = (...words: readonly number[]): void => words.forEach((word, index) => machine.write(frameAt + index * 4, word));
  const leave = (): Readonly<Record<string, number>> => machine.enter("handleHypercall", { eax: hypercalls.returnFromTrap.number, esp: frameAt });

  test("to user mode takes the whole frame and no flag that ring 3 may not have", () => {
    frame(7, 0x0804_8000, selectors.userCode, 0xffff_ffff, 0xafff_0000, selectors.userData);
    const out = leave();
    expect(out).toMatchObject({ eax: 7, eip: 0x0804_8000, cs: selectors.userCode, esp: 0xafff_0000, ss: selectors.userData });
    // IOPL, NT, VM, VIF and VIP are clear; IF is set.
    expect((out["flags"] ?? 0) & 0x001a_7200).toBe(0x200);
    expect(machine.shared("virtualInterruptFlag")).toBe(0x200);
  });

  test("is no failure when EAX of the frame looks like one", () => {
    frame(-errno.EAGAIN, 0x0804_8000, selectors.userCode, 0x202, 0xafff_0000, selectors.userData);
    const failures = machine.stat("killed");
    expect(leave()["eax"]).toBe(-errno.EAGAIN >>> 0);
    expect(machine.stat("killed")).toBe(failures);
    call("maskLine", 16);
    expect(machine.stat("killed")).toBe(failures + 1);
  });

  test("to the kernel keeps its stack and virtual flag", () => {
    frame(9, memoryMap.kernelTextBase, selectors.kernelCodeRing1, 0x002);
    expect(leave()).toMatchObject({ eax: 9, esp: frameAt + 16, ss: selectors.kernelDataRing1 });
    expect(machine.shared("virtualInterruptFlag")).toBe(0);
  });

  test.each([selectors.vmmCode, selectors.kernelCode, 0])("to code segment %i ends the domain", (selector) => {
    frame(0, 0xfe00_0000, selector, 0x202, 0, 0);
    expect(leave).toThrow(MachineOff);
    expect(machine.console).toContain("code segment");
  });
});
