import { directorySlots, gdtSlots, hypercalls, memoryMap, pageBits, switchSteps, vectors } from "@mercury/abi";
import type { MachineDefinition } from "@mercury/machine";
import { beforeAll, describe, expect, test } from "vitest";
import { attempt, expectGoingOn, expectSwitch, expectUntouched, type Reason, refusalOf, request, type Target } from "./attempt.ts";
import { detour } from "./detour.ts";
import { type Exception, sharedField, vmmData, vmmStack } from "./moment.ts";
import { offset, Patient } from "./patient.ts";
import { keyed } from "./report.ts";
import { findSealed, type Sealed } from "./sealed.ts";

/**
 * Everything that can refuse a switch, in both directions: memory and registers of the instant before the request and of the one after the refusal
 * are compared byte for byte, from outside; then the system goes on, and the next switch goes through.
 */

/** A system that has been virtual once, so that first touches of the VMM's pages are behind it, and its VMM's stack. */
async function seasoned(definition: MachineDefinition = {}): Promise<{ readonly patient: Patient; readonly stack: Exception }> {
  const patient = await Patient.boot({ test: true, memory: 32, ...definition });
  expectSwitch(patient, "virtual");
  const stack = vmmStack(patient);
  expectSwitch(patient, "native");
  return { patient, stack };
}

let patient: Patient;
let stack: Exception;
beforeAll(async () => void ({ patient, stack } = await seasoned()));

const targets: readonly Target[] = ["virtual", "native"];
const opposite = (target: Target): Target => (target === "virtual" ? "native" : "virtual");

function bring(target: Target): void {
  if (!patient.type("cat /proc/mercury/mode").includes(`\n${target}\n`)) expectSwitch(patient, target);
}

describe.each(targets)("a switch to %s is refused without a trace", (target) => {
  test.each(switchSteps)("by the fault point of step %s", (step) => {
    bring(opposite(target));
    patient.type(`echo ${step} > /proc/mercury/inject`);
    request(patient, target);
    const done = attempt(patient);
    expectUntouched(patient, done, "injected", [stack, sharedField(patient, "injectPoint")]);
    expectGoingOn(patient, target, "injected");
    expectSwitch(patient, target);
  });
});

/** Damage done at the instant of the request, and taken back after the refusal. */
type Damage = readonly [what: string, reason: Reason, damage: (at: Patient) => () => void];

/** Changes a word until the returned function is called. */
function change(at: Patient, physical: number, value: number): () => void {
  const old = at.word(physical);
  at.set(physical, value);
  return () => at.set(physical, old);
}

const flip = (at: Patient, physical: number, bits = 1): (() => void) => change(at, physical, at.word(physical) ^ bits);

let sealed: Sealed;

describe("an attach is refused without a trace", () => {
  beforeAll(() => {
    bring("native");
    sealed = findSealed(patient);
  });

  const damages: readonly Damage[] = [
    ["a damaged gate of the dormant VMM", "sealBroken", (at) => flip(at, sealed.gates + 8 * 14)],
    ["a damaged chunk map", "sealBroken", (at) => flip(at, sealed.chunkMap)],
    ["a damaged descriptor table", "sealBroken", (at) => flip(at, sealed.gdt + 8 * gdtSlots.vmmData + 4, 0x8000)],
    ["a damaged landing directory", "sealBroken", (at) => flip(at, sealed.landing + 4 * directorySlots.vmm, pageBits.user)],
    ["a damaged task state", "sealBroken", (at) => flip(at, sealed.taskState + offset("taskState", "esp0"), 4)],
    ["a site with a foreign byte", "siteModified", (at) => flip(at, at.physical(at.word(at.physical(at.record("siteTable")))), 0x100)],
    ["no trap table", "noTrapTable", (at) => change(at, at.recordField("trapTable"), 0)],
    [
      "a system segment in a TLS slot",
      "badDescriptor",
      (at) => change(at, at.physical(at.record("gdt")) + 8 * gdtSlots.tls1 + 4, 0x0000_8900),
    ],
    [
      "a kernel stack outside the domain's memory",
      "badDescriptor",
      (at) => change(at, at.physical(at.record("taskState")) + offset("taskState", "esp0"), memoryMap.vmmBase + 0x1000),
    ],
  ];

  test.each(damages)("by %s", (_, reason, damage) => {
    bring("native");
    request(patient, "virtual");
    const repair = damage(patient);
    expectUntouched(patient, attempt(patient), reason, [stack]);
    repair();
    expectGoingOn(patient, "virtual", reason);
    expectSwitch(patient, "virtual");
  });
});

/** Ports of the first interrupt controller and its words (8259A data sheet: OCW1; OCW2, specific end of interrupt). */
const controller = { command: 0x20, masks: 0x21, specificEnd: 0x60 } as const;
/** Attempts before the request gives up (switch/metal/request.ts). */
const attempts = 8;

/** An interrupt whose handling has begun and not ended, at the instant of a request, when no other is in service: a line of no device is raised, acknowledged, and nobody ends it. Returns the late end. */
function leaveInService(line: number): () => void {
  const masks = patient.bus.readPort(controller.masks, 1);
  patient.bus.writePort(controller.masks, 1, masks & ~(1 << line));
  patient.machine.setLine(line, true);
  expect(patient.bus.acknowledge()).toBe(vectors.irqBase + line);
  patient.machine.setLine(line, false);
  patient.bus.writePort(controller.masks, 1, masks);
  return () => patient.bus.writePort(controller.command, 1, controller.specificEnd | line);
}

/**
 * The same in virtual mode: line 7, which the kernel takes for a spurious interrupt and never acknowledges, though the VMM knows it for a real one. It is
 * acknowledged in the end by a hypercall that the kernel is made to do.
 */
function leaveUnacknowledged(line: number): () => void {
  // Outside ring 0 interrupts are on, so the line is taken at once, before the VMM writes its masks again.
  patient.stepUntil(() => patient.registers.cpl !== 0);
  patient.bus.writePort(controller.masks, 1, patient.bus.readPort(controller.masks, 1) & ~(1 << line));
  patient.machine.setLine(line, true);
  patient.machine.run(100_000);
  patient.machine.setLine(line, false);
  return () => {
    patient.stepUntil(() => patient.registers.cpl === 1);
    // MOV EAX, number; MOV EBX, line; INT imm8.
    const number = hypercalls.acknowledgeLine.number;
    detour(patient, () => [0xb8, number, 0, 0, 0, 0xbb, line, 0, 0, 0, 0xcd, vectors.hypercall]);
  };
}

describe.each([
  [
    "virtual",
    () => {
      request(patient, "virtual");
      return leaveInService(5);
    },
    5,
  ],
  [
    "native",
    () => {
      const end = leaveUnacknowledged(7);
      request(patient, "native");
      return end;
    },
    7,
  ],
] as const)("a switch to %s that finds an interrupt in service", (target, leave, line) => {
  test("is tried a number of times and then refused, each time without a trace", () => {
    bring(opposite(target));
    const stats = keyed(patient.type("cat /proc/mercury/stats"));
    const end = leave();
    for (let count = 1; count <= attempts; count++) {
      expectUntouched(patient, attempt(patient), "interruptInService", [stack]);
      expect(patient.word(sharedField(patient, "report", ["switchReport", "detail"]).from)).toBe(1 << line);
      if (count < attempts) patient.stepUntil(() => patient.atRequest());
    }
    expectGoingOn(patient, target, "interruptInService");
    expect(keyed(patient.type("cat /proc/mercury/last"))["retries"]).toBe(String(attempts - 1));
    const { retries, failures } = keyed(patient.type("cat /proc/mercury/stats"));
    expect([Number(retries), Number(failures)]).toEqual([Number(stats["retries"]) + attempts - 1, Number(stats["failures"]) + attempts]);
    end();
    expectSwitch(patient, target);
  });

  test("is tried again and goes through when the interrupt has ended", () => {
    bring(opposite(target));
    const end = leave();
    for (let count = 1; count <= 3; count++) {
      attempt(patient);
      patient.stepUntil(() => patient.atRequest());
    }
    end();
    expect(patient.untilPrompt()).toContain("\n0\n");
    expect(keyed(patient.type("cat /proc/mercury/last"))).toMatchObject({ result: "ok", retries: "3" });
    expect(patient.type("cat /proc/mercury/mode")).toContain(`\n${target}\n`);
  });
});

/** Directories and leaf tables: what the eager strategy writes there, the native kernel reads as what was there before. */
function zoneOf(at: Patient): Exception {
  const { zoneBase, pageSize } = memoryMap;
  return { why: "tables", from: zoneBase, to: zoneBase + at.record("zoneFrames") * pageSize };
}

test("the eager strategy refuses an illegal entry, and what it wrote to directories means the same", async () => {
  const eager = await seasoned({ strategy: "recompute" });
  const entry = eager.patient.leaf() + 4 * 1023;
  request(eager.patient, "virtual");
  const repair = change(eager.patient, entry, memoryMap.zoneBase | pageBits.present | pageBits.writable | pageBits.user);
  const written: readonly Exception[] = [
    eager.stack,
    zoneOf(eager.patient),
    { why: "the VMM's types and counts, which the next epoch forgets", ...vmmData(eager.patient) },
    ...(["deferredDirectories", "deferredLeaves", "deferredSlots"] as const).map((count) =>
      sharedField(eager.patient, "stats", ["switchStats", count]),
    ),
  ];
  expectUntouched(eager.patient, attempt(eager.patient), "badTable", written);
  repair();
  expectGoingOn(eager.patient, "virtual", "badTable");
  expectSwitch(eager.patient, "virtual");
});

test("a VMM that booted first keeps the machine", async () => {
  const first = await Patient.boot({ test: true, memory: 32, mode: "always-on" });
  const memory = vmmStack(first);
  for (let count = 0; count < 2; count++) {
    request(first, "native");
    expectUntouched(first, attempt(first), "alwaysOn", [memory]);
    expectGoingOn(first, "native", "alwaysOn");
  }
});

test("a kernel without a VMM refuses either mode, and says why", async () => {
  const alone = await Patient.boot({ test: true, memory: 32, vmm: null });
  for (const target of targets) {
    expect(alone.type(`echo ${target} > /proc/mercury/mode; echo $?`)).toMatch(/\n1\n# $/);
    const direction = target === "virtual" ? "native->virtual" : "virtual->native";
    expect(keyed(alone.type("cat /proc/mercury/last"))).toMatchObject({ direction, result: "failed", reason: refusalOf("noVmm").text });
    expect(alone.type("cat /proc/mercury/mode")).toContain("\nnative\n");
  }
});
