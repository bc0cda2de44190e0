import { directorySlots, memoryMap, pageBits, structures, switchTargets } from "@mercury/abi";
import { beforeAll, expect, test } from "vitest";
import { attempt } from "./attempt.ts";
import { hiddenState } from "./hidden.ts";
import {
  changedRegisters,
  changedWords,
  type Exception,
  type Moment,
  momentOf,
  sharedField,
  switchReport,
  vmmData,
  vmmStack,
  without,
} from "./moment.ts";
import { Patient } from "./patient.ts";
import { findSealed, type Sealed } from "./sealed.ts";

/**
 * Native means native: two runs from one instant, the one right before an attach. The first attaches, works in virtual mode and detaches; in the
 * second the two requests are other instructions, so that it never leaves native mode. At the instant after the detach the two machines are compared.
 */

/** What both do between the two requests: processes, programs, pipes, files, faults. No device's interrupt and no clock comes into it. */
const work = "ls -l /bin | wc -l > /tmp/count; sh -c 'exit 3'; echo $? >> /tmp/count; cat /tmp/count | grep 3 > /tmp/found; rm /tmp/found";
const line = `echo virtual > /proc/mercury/mode; ${work}; echo native > /proc/mercury/mode`;

/** Bytes of `INT 83h` and what stands in its place: DEC EAX makes the result 0 of the target 1; where the target is 0, it is the result. */
const placeholder: Readonly<Record<number, readonly number[]>> = {
  [switchTargets.virtual]: [0x48, 0x90],
  [switchTargets.native]: [0x90, 0x90],
};

/** The status flags and the bit that is always 1 (SDM 1 3.4.3): a flags image that was saved in virtual mode has IF alone, as the kernel looks at nothing else. */
const statusFlags = 0x8d7;

let patient: Patient;
let sealed: Sealed;
let stack: Exception;
beforeAll(async () => {
  patient = await Patient.boot({ memory: 32 });
  sealed = findSealed(patient);
  stack = vmmStack(patient);
  // Both modes have been used: kernel and VMM have what they allocate at first use.
  patient.type(work);
  patient.type("echo native > /proc/mercury/mode");
  patient.type(work);
});

/** The request that is about to be made, as if it had been made and granted. */
function grantWithoutAsking(): void {
  const { eip, eax } = patient.registers;
  const at = patient.physical(eip);
  const request = patient.machine.ram.slice(at, at + 2);
  const bytes = placeholder[eax] ?? Patient.fail(`a request for mode ${eax}`);
  patient.cpu.writePhysical(at, Uint8Array.from(bytes));
  patient.stepUntil(() => patient.registers.eip === eip + bytes.length);
  patient.cpu.writePhysical(at, request);
}

/** From the request to attach to the instant after the request to detach. */
function there(perform: () => void): Moment {
  const { interrupts } = patient.machine.counters;
  perform();
  patient.stepUntil(() => patient.atRequest());
  perform();
  expect(patient.machine.counters.interrupts).toBe(interrupts);
  return momentOf(patient);
}

/** A table's entry without what the processor notes in it, and without the mark of a slot that virtual mode has parked: the kernel reads it as present. */
function meaning(entry: number): number {
  const parked = (entry & (pageBits.present | pageBits.deferred)) === pageBits.deferred;
  return ((parked ? entry ^ (pageBits.present | pageBits.deferred) : entry) & ~(pageBits.accessed | pageBits.dirty)) >>> 0;
}

/** Whether two words of the table zone mean the same to the native kernel: a kernel slot that is missing it copies from the master directory when touched. */
function sameEntry(word: number, old: number, now: number): boolean {
  if (meaning(old) === meaning(now)) return true;
  const slot = (word & 0xfff) >> 2;
  return (
    old === 0 && slot >= directorySlots.leafArea && meaning(now) === meaning(patient.word(patient.record("masterDirectory") + slot * 4))
  );
}

/** Frames that the kernel's allocator has free: what is in them is nobody's. */
function freeFrames(): readonly Exception[] {
  const records = patient.physical(patient.variable("mm/frames/records"));
  const limit = patient.variable("mm/frames/limit");
  const free: Exception[] = [];
  for (let frame = 0; frame < limit; frame++) {
    const record = records + frame * frameRecord.bytes;
    if (patient.ram.getUint8(record + frameRecord.state) !== frameRecord.free) continue;
    const from = frame * memoryMap.pageSize;
    free.push({ why: "free frames", from, to: from + (memoryMap.pageSize << patient.ram.getUint8(record + frameRecord.order)) });
  }
  return free;
}
/** FrameRecord of guest-os/metal/kernel/mm/frames.ts. */
const frameRecord = { bytes: 16, order: 12, state: 13, free: 1 } as const;

/** Everything that may differ besides tables and flags images. */
function exceptions({ registers }: Moment): readonly Exception[] {
  const { from: counters } = sharedField(patient, "stats");
  const deadStack = patient.physical(registers.esp);
  return [
    switchReport(patient),
    { why: "shared page: counters of /proc/mercury/stats", from: counters, to: counters + structures.switchStats.size },
    {
      ...sharedField(patient, "faultAddress"),
      why: "shared page: address of the last fault that the VMM forwarded, which only virtual mode reads",
    },
    { why: "the frame of the request, dead under ESP", from: deadStack - 16, to: deadStack },
    ...freeFrames(),
    stack,
  ];
}

test("after attach, work and detach everything is as in a run that never attached", () => {
  // Right behind a tick of the timer, so that none comes before the end.
  const { interrupts } = patient.machine.counters;
  patient.stepUntil(() => patient.machine.counters.interrupts > interrupts);
  patient.machine.run(100_000);
  patient.holdTime(true);
  patient.begin(line);
  patient.stepUntil(() => patient.atRequest());
  const start = patient.machine.save();
  const switched = there(() => void attempt(patient));
  const switchedHidden = hiddenState(patient);
  patient.restore(start);
  const stayed = there(grantWithoutAsking);
  // What is compared below looks things up in memory as it is at that instant.
  const end = patient.machine.save();
  expect(switchedHidden).toEqual(hiddenState(patient));
  patient.restore(end);
  patient.holdTime(false);

  for (const name of changedRegisters(switched, stayed)) {
    const [a, b] = [switched, stayed].map(({ registers }) => new Map<string, number>(Object.entries(registers)).get(name) ?? Number.NaN);
    expect([name, ((a ?? 0) ^ (b ?? 0)) & ~statusFlags]).toEqual([name, 0]);
  }
  expect(switched.floating).toBeDefined();
  expect(switched.floating).toEqual(stayed.floating);
  expect(switched.masks).toEqual(stayed.masks);

  const old = new DataView(switched.ram.buffer);
  const zoneEnd = memoryMap.zoneBase + patient.record("zoneFrames") * memoryMap.pageSize;
  const isTable = (word: number): boolean => word >= memoryMap.zoneBase && word < zoneEnd;
  const rest = without(changedWords(switched, stayed), exceptions(stayed)).filter(
    (word) => !isTable(word) || !sameEntry(word, old.getUint32(word, true), patient.word(word)),
  );
  // What is left is the VMM's own: types of an epoch that is over, its number, counts and time stamps; nothing that the seal covers.
  const { from, to } = vmmData(patient);
  expect(rest.filter((word) => word < from || word >= to).map((word) => word.toString(16))).toEqual([]);
  expect(rest.filter((word) => sealed.ranges.some((range) => word >= range.from && word < range.to))).toEqual([]);
});
