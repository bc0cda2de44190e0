import {
  auditFindings,
  directorySlots,
  gdtSlots,
  layoutOf,
  memoryMap,
  pageBits,
  structures,
  switchReasons,
  vectors,
  voOperationNumbers,
  voOperations,
} from "@mercury/abi";
import { buildImage, defineMachine, kernelCommandLine } from "@mercury/machine";
import { createMachine, type Machine } from "@mercury/x86";
import { beforeAll, describe, expect, test } from "vitest";

/**
 * The auditor must find what is wrong, whatever it is: each test damages one kind of state in the memory of a running system, from outside, as no software in it could,
 * and reads /proc/mercury/audit.
 */
const mega = 0x10_0000;
let image: Uint8Array;
beforeAll(async () => void (image = await buildImage(defineMachine())));

/** A system at its prompt, with its memory open. */
class Patient {
  readonly machine: Machine;
  readonly ram: DataView;
  private output = "";

  constructor() {
    const transmit = (port: number, byte: number): void => {
      if (port === 0) this.output += String.fromCharCode(byte);
    };
    this.machine = createMachine({ memory: 64 * mega, icount: true, transmit });
    this.machine.load({ image, commandLine: kernelCommandLine(defineMachine()) });
    this.ram = new DataView(this.machine.ram.buffer, this.machine.ram.byteOffset, this.machine.ram.length);
    this.untilPrompt();
  }

  /** What a line prints. */
  type(line: string): string {
    this.output = "";
    this.machine.receive(0, new TextEncoder().encode(`${line}\n`));
    return this.untilPrompt();
  }

  word(physical: number): number {
    return this.ram.getUint32(physical, true);
  }

  set(physical: number, value: number): void {
    this.ram.setUint32(physical, value, true);
  }

  /** A field of the kernel's record, which lies in the kernel's data and begins with its magic and version. */
  record(field: string): number {
    for (let at = mega; at < 4 * mega; at += 4)
      if (this.word(at) === 0x4b52_434d && this.word(at + 4) === 1 && this.word(at + offset("kernelRecord", "zoneFrames")) > 0)
        return this.word(at + offset("kernelRecord", field));
    throw new Error("the kernel's record is not in memory");
  }

  /** Physical address of a linear one of the direct map or the VMM. */
  physical(linear: number): number {
    return linear >= memoryMap.vmmBase ? linear - memoryMap.vmmBase + this.record("vmmReserve") : linear - memoryMap.directMapBase;
  }

  /** The directory of a process that has run in the present mode: its program's slot is present, and in virtual mode the window has been taken out. */
  directory(): number {
    const zone = this.record("zoneFrames");
    const mark = pageBits.present | pageBits.writable | pageBits.large | pageBits.global;
    for (let frame = 0; frame < zone; frame++) {
      const at = memoryMap.zoneBase + frame * memoryMap.pageSize;
      const first = this.word(at + 4 * directorySlots.directMap) & ~0x60;
      const taken = this.word(this.physical(memoryMap.sharedPage) + offset("sharedPage", "mode")) === 1;
      if (taken && this.word(at + 4 * directorySlots.tableWindow) !== 0) continue;
      if (first === mark && (this.word(at + 4 * programSlot) & pageBits.present) !== 0) return at;
    }
    throw new Error("no directory has a program in it");
  }

  /** The leaf table of that program. */
  leaf(): number {
    return this.word(this.directory() + 4 * programSlot) & ~0xfff;
  }

  private untilPrompt(): string {
    for (let slices = 0; slices < 4000; slices++) {
      const stop = this.machine.run(500_000);
      if (this.output.endsWith("# ")) return this.output.replaceAll("\r", "");
      if (stop.reason !== "count") throw new Error(`the machine ended (${stop.reason}) after: ${this.output}`);
    }
    throw new Error(`no prompt after: ${this.output}`);
  }
}

const offset = (structure: keyof typeof structures, field: string): number =>
  layoutOf(structure, structures[structure]).get(field) ?? Number.NaN;
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
  ["the mode in the shared page", "mode", (p) => p.set(p.physical(memoryMap.sharedPage) + offset("sharedPage", "mode"), 0)],
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
  test.each(virtual)("in virtual mode: %s", (_, name, damage) => {
    const patient = new Patient();
    patient.type("echo virtual > /proc/mercury/mode");
    expect(patient.type("cat /proc/mercury/audit")).toContain("\nok\n");
    damage(patient);
    expect(patient.type("cat /proc/mercury/audit")).toContain(finding(name));
  });

  test.each(native)("in native mode: %s", (_, name, damage) => {
    const patient = new Patient();
    expect(patient.type("cat /proc/mercury/audit")).toContain("\nok\n");
    damage(patient);
    expect(patient.type("cat /proc/mercury/audit")).toContain(finding(name));
  });

  test("a damaged dormant VMM, which attach refuses, too", () => {
    const patient = new Patient();
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
});
