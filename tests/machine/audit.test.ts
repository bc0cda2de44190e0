import {
  auditFindings,
  directorySlots,
  gdtSlots,
  memoryMap,
  pageBits,
  structures,
  switchReasons,
  vectors,
  voOperationNumbers,
  voOperations,
} from "@mercury/abi";
import { describe, expect, test } from "vitest";
import { offset, Patient } from "./patient.ts";

/**
 * The auditor must find what is wrong, whatever it is: each test damages one kind of state in the memory of a running system, from outside, as no software in it could,
 * and reads /proc/mercury/audit.
 */
const mega = 0x10_0000;
const programSlot = memoryMap.userImageBase >>> 22;
/** User slot and leaf index that no program uses. */
const freeSlot = 600;
const freeEntry = 1023;
const finding = (name: (typeof auditFindings)[number]["name"]): string => auditFindings.find((entry) => entry.name === name)?.text ?? "";

/** Gives a site of an operation that nothing performs at the prompt the other mode's body. */
function exchangeSite(patient: Patient, body: "native" | "virtual"): void {
  const table = patient.physical(patient.record("siteTable"));
  const operation = voOperationNumbers["out16"];
  for (let index = 0; index < patient.record("siteCount"); index++) {
    const site = table + index * structures.siteRecord.size;
    if (patient.ram.getUint16(site + offset("siteRecord", "operation"), true) !== operation) continue;
    const at = patient.physical(patient.word(site));
    patient.set(at, patient.word(site + offset("siteRecord", `${body}Head`)));
    patient.set(at + voOperations.out16.length - 4, patient.word(site + offset("siteRecord", `${body}Tail`)));
    return;
  }
  throw new Error("no site of out16");
}

/** Physical address of a descriptor of the table that is loaded. */
const descriptor = (patient: Patient, slot: number): number => patient.physical(patient.machine.registers.gdtBase) + 8 * slot;
const gate = (patient: Patient, vector: number): number => patient.physical(patient.machine.registers.idtBase) + 8 * vector;
const orInto = (patient: Patient, at: number, bits: number): void => patient.set(at, patient.word(at) | bits);
const writableTable = memoryMap.zoneBase | pageBits.present | pageBits.writable | pageBits.user;

type Damage = readonly [what: string, finding: (typeof auditFindings)[number]["name"], damage: (patient: Patient) => void];

const virtual: readonly Damage[] = [
  ["the mode in the shared page", "mode", (p) => p.shared("mode", 0)],
  ["a site that holds its native body", "site", (p) => exchangeSite(p, "native")],
  ["a user segment that reaches into the hole", "descriptor", (p) => orInto(p, descriptor(p, gdtSlots.userCode), 0xffff)],
  ["a gate that programs may use", "gate", (p) => orInto(p, gate(p, vectors.boundRange) + 4, 0x6000)],
  ["the type of a chunk", "chunk", (p) => p.ram.setUint8(gate(p, 0) + 2048 + (memoryMap.zoneBase >>> 22), 1)],
  ["the window in a directory", "kernelHalf", (p) => p.set(p.directory() + 4 * directorySlots.tableWindow, writableTable | pageBits.large)],
  ["a large page in the user half", "userSlot", (p) => p.set(p.directory() + 4 * freeSlot, (12 * mega) | 0x87)],
  ["a hook that nobody counted", "hooks", (p) => p.set(p.directory() + 4 * freeSlot, p.word(p.directory() + 4 * programSlot))],
  ["a global leaf entry", "entry", (p) => p.set(p.leaf() + 4 * freeEntry, (2 * mega) | pageBits.present | pageBits.global)],
  ["a writable mapping of a table", "writableTable", (p) => p.set(p.leaf() + 4 * freeEntry, writableTable)],
  [
    "the VMM mapped for programs",
    "vmmMapping",
    (p) => orInto(p, p.record("vmmReserve") + p.record("vmmReserveSize") - 4096, pageBits.user),
  ],
];

const native: readonly Damage[] = [
  ["a site that holds its virtual body", "site", (p) => exchangeSite(p, "virtual")],
  ["a segment of ring 1", "descriptor", (p) => p.set(descriptor(p, gdtSlots.tls0) + 4, 0x00cf_b300)],
  ["a gate that leads nowhere", "gate", (p) => p.set(gate(p, vectors.irqBase + 1) + 4, p.word(gate(p, vectors.irqBase + 1) + 4) & 0xffff)],
  [
    "a table zone that the direct map shows writable",
    "kernelHalf",
    (p) => orInto(p, p.directory() + 4 * (directorySlots.directMap + 1), pageBits.writable),
  ],
  ["a writable mapping of a table", "writableTable", (p) => p.set(p.leaf() + 4 * freeEntry, writableTable)],
];

describe("the auditor finds", () => {
  test.each(virtual)("in virtual mode: %s", async (_, name, damage) => {
    const patient = await Patient.boot();
    patient.type("echo virtual > /proc/mercury/mode");
    expect(patient.type("cat /proc/mercury/audit")).toContain("\nok\n");
    damage(patient);
    expect(patient.type("cat /proc/mercury/audit")).toContain(finding(name));
  });

  test.each(native)("in native mode: %s", async (_, name, damage) => {
    const patient = await Patient.boot();
    expect(patient.type("cat /proc/mercury/audit")).toContain("\nok\n");
    damage(patient);
    expect(patient.type("cat /proc/mercury/audit")).toContain(finding(name));
  });

  test("a damaged dormant VMM, which attach refuses, too", async () => {
    const patient = await Patient.boot();
    patient.type("echo virtual > /proc/mercury/mode");
    const at = descriptor(patient, gdtSlots.vmmCode);
    patient.type("echo native > /proc/mercury/mode");
    expect(patient.type("cat /proc/mercury/audit")).toContain("\nok\n");
    patient.set(at, patient.word(at) ^ 1);
    expect(patient.type("cat /proc/mercury/audit")).toContain(finding("seal"));
    expect(patient.type("echo virtual > /proc/mercury/mode; cat /proc/mercury/mode")).toMatch(/\nnative\n/);
    expect(patient.type("cat /proc/mercury/last")).toContain(switchReasons.find((reason) => reason.name === "sealBroken")?.text);
    patient.set(at, patient.word(at) ^ 1);
    expect(patient.type("echo virtual > /proc/mercury/mode; cat /proc/mercury/mode")).toMatch(/\nvirtual\n/);
  });

  test("a difference after a switch of a test image, which ends there", async () => {
    const patient = await Patient.boot({ test: true });
    patient.type("echo virtual > /proc/mercury/mode");
    const at = descriptor(patient, gdtSlots.userData);
    patient.set(at, patient.word(at) ^ 1);
    const death = (): string => patient.type("echo native > /proc/mercury/mode");
    expect(death).toThrow(/exit code 101/);
    expect(patient.said).toContain(`mercury: audit: ${finding("seal")}`);
  });
});
