import { beforeAll, describe, expect, test } from "vitest";
import { attempt, expectSwitch, expectUntouched, refusalOf, request } from "./attempt.ts";
import { detour, relative } from "./detour.ts";
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
  const switchMode =
    patient.symbols.get("~lib/@mercury/guest-os/metal/kernel/trap/mode-switch/switchMode") ?? Patient.fail("no switchMode");
  // MOV EAX, 1; CALL switchMode.
  detour(patient, (at) => [0xb8, 1, 0, 0, 0, ...relative(0xe8, at + 5, switchMode)]);
}

/** Numbers of instructions after the request at which an attach is still at its checks: the seal's alone is thousands. */
const midSwitch = [200, 1000, 3000] as const;

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

  test("a switch that is asked for in the middle of another is refused, and the other goes through", () => {
    request(patient, "virtual");
    const start = patient.machine.save();
    for (const instant of midSwitch) {
      patient.restore(start);
      patient.machine.run(instant);
      patient.cpu.raiseNmi();
      patient.stepUntil(() => patient.shared("nonMaskable") === 1);
      askInHandler();
      patient.stepUntil(() => patient.atRequest());
      expect([instant, attempt(patient).after.registers.eax | 0]).toEqual([instant, -refusalOf("busy").errno]);
      // The audit of a test image ends the machine if anything is not as it should be.
      expect([instant, patient.untilPrompt()]).toEqual([instant, expect.stringMatching(/0\n# $/)]);
      expect([instant, patient.shared("mode"), patient.shared("nonMaskable")]).toEqual([instant, 1, 0]);
    }
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
