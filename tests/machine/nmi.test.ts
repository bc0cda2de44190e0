import { memoryMap } from "@mercury/abi";
import { beforeAll, describe, expect, test } from "vitest";
import { attempt, expectSwitch, expectUntouched, request } from "./attempt.ts";
import { type Exception, vmmStack } from "./moment.ts";
import { Patient } from "./patient.ts";
import { keyed } from "./report.ts";

/** Non-maskable interrupts, raised from outside at instants of the test's choice. */
let patient: Patient;
let stack: Exception;
beforeAll(async () => {
  patient = await Patient.boot({ test: true, memory: 32 });
  expectSwitch(patient, "virtual");
  stack = vmmStack(patient);
  expectSwitch(patient, "native");
});

/** Vector 2 in the kernel's code for a handler that does what no handler of ours does: it asks for virtual mode. */
function askInHandler(): void {
  const resume = patient.registers.eip;
  const place = patient.physical(resume);
  const saved = patient.machine.ram.slice(place, place + jumpLength);
  const switchMode =
    patient.symbols.get("~lib/@mercury/guest-os/metal/kernel/trap/mode-switch/switchMode") ?? Patient.fail("no switchMode");
  // Low memory is nobody's: the loader's data there has been copied.
  const detour = memoryMap.directMapBase + scratch;
  const code = [
    [0x60], // pusha
    [0xb8, 1, 0, 0, 0], // mov eax, 1
    relative(0xe8, detour + 6, switchMode),
    [0x61], // popa
    relative(0xe9, detour + 6 + jumpLength + 1, resume),
  ].flat();
  patient.cpu.writePhysical(scratch, Uint8Array.from(code));
  patient.cpu.writePhysical(place, Uint8Array.from(relative(0xe9, resume, detour)));
  patient.step();
  patient.cpu.writePhysical(place, saved);
}
const jumpLength = 5;
const scratch = 0x600;

/** CALL or JMP rel32 at an address (SDM 2A). */
function relative(opcode: number, at: number, target: number): readonly number[] {
  const distance = target - (at + jumpLength);
  return [opcode, ...[0, 8, 16, 24].map((shift) => (distance >> shift) & 0xff)];
}

describe("natively", () => {
  test("an NMI every 50,000 instructions takes nothing from programs and kernel", () => {
    let raised = 0;
    patient.begin("stress 1 forks pipes files nesting; echo status $?");
    while (!patient.said.endsWith("# ")) {
      patient.cpu.raiseNmi();
      raised++;
      patient.machine.run(50_000);
    }
    expect(patient.said).toContain("\nstatus 0\n");
    expect(raised).toBeGreaterThan(100);
    expect(keyed(patient.type("cat /proc/mercury/stats"))["nmis"]).toBe(String(raised));
  });

  test("a switch that is asked for in an NMI's handler is tried a number of times and refused, each time without a trace; the next one works", () => {
    patient.begin("echo on");
    patient.machine.run(2_000);
    patient.cpu.raiseNmi();
    patient.stepUntil(() => patient.shared("nonMaskable") === 1);
    askInHandler();
    for (let count = 0; count < 8; count++) {
      patient.stepUntil(() => patient.atRequest());
      expectUntouched(patient, attempt(patient), "nonMaskable", [stack]);
    }
    expect(patient.untilPrompt()).toContain("\non\n");
    expect(keyed(patient.type("cat /proc/mercury/last"))).toMatchObject({
      result: "failed",
      reason: "a non-maskable interrupt is being handled",
      retries: "7",
    });
    expect(patient.shared("nonMaskable")).toBe(0);
    expectSwitch(patient, "virtual");
    expectSwitch(patient, "native");
  });
});

/** Whether an instruction, by its first bytes, changes what the next one may rely on: descriptor and control registers, segments, the way out. */
function isDelicate(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  if (first === 0x0f) return [0x00, 0x01, 0x20, 0x22].includes(second);
  return [0x07, 0x1f, 0x8e, 0xcd, 0xcf, 0xea].includes(first);
}

/** Of the other places of a switch one in so many is tried. */
const sample = 20;

/** Numbers of instructions after the request at which an NMI is tried: around each delicate instruction, and at a part of all other places. */
function instants(): readonly number[] {
  const { eip } = patient.registers;
  const seen = new Map<number, number>();
  for (let steps = 0; patient.registers.eip !== eip + 2; steps++) {
    if (!seen.has(patient.registers.eip)) seen.set(patient.registers.eip, steps);
    patient.step();
  }
  const codeAt = (linear: number): Uint8Array => patient.machine.ram.subarray(patient.physical(linear), patient.physical(linear) + 2);
  const chosen = [...seen].flatMap(([place, steps], index) =>
    isDelicate(codeAt(place)) ? [steps, steps + 1] : index % sample === 0 ? [steps] : [],
  );
  return [...new Set(chosen)];
}

test.each([
  ["virtual", 1],
  ["native", 0],
] as const)("an NMI at any instruction of a switch to %s leaves it whole", (target, mode) => {
  expectSwitch(patient, target === "virtual" ? "native" : "virtual");
  request(patient, target);
  const start = patient.machine.save();
  const places = instants();
  expect(places.length).toBeGreaterThan(40);
  for (const place of places) {
    patient.restore(start);
    patient.machine.run(place);
    patient.cpu.raiseNmi();
    // The audit of a test image ends the machine if anything is not as it should be.
    expect([place, patient.untilPrompt()]).toEqual([place, expect.stringMatching(/0\n# $/)]);
    expect([place, patient.shared("mode")]).toEqual([place, mode]);
  }
});
