import { interruptLines, switchTargets } from "@mercury/abi";
import { beforeAll, expect, test } from "vitest";
import { expectSwitch } from "./attempt.ts";
import { Patient } from "./patient.ts";
import { keyed } from "./report.ts";

/**
 * Lines whose interrupt the VMM has taken while the kernel's own flag was off: a detach leaves them in the shared page, and the kernel raises them by software,
 * inside the request that brought it back (switch/metal/request.ts).
 */

/** Bytes between the entries of `raiseVectors`: INT imm8 and RET (vo/stubs/machine.ts). */
const raiseLength = 3;
const lineCount = 16;
/** A line without a device. */
const unused = 10;
/** INT imm8 (SDM 2A INT n). */
const requestLength = 2;
/** Mask registers of the two interrupt controllers (8259A data sheet, OCW1). */
const maskPorts = [0x21, 0xa1] as const;

let patient: Patient;
/** A prompt in native mode, when both modes have been used. */
let atPrompt: Uint8Array;
/** Where the kernel asks for a switch. */
let requestAt: number;
/** Where it raises each line. */
let raises: readonly number[];

beforeAll(async () => {
  patient = await Patient.boot({ test: true, memory: 32 });
  patient.begin("echo virtual > /proc/mercury/mode");
  patient.stepUntil(() => patient.atRequest());
  requestAt = patient.registers.eip;
  patient.untilPrompt();
  expectSwitch(patient, "native");
  atPrompt = patient.machine.save();
  const first = patient.symbols.get("raiseVectors") ?? Patient.fail("no raiseVectors");
  raises = Array.from({ length: lineCount }, (_, line) => first + raiseLength * line);
});

/** Types a line and runs to where the detach is asked for that it leads to. */
function beginAndRunToDetach(line: string): void {
  patient.restore(atPrompt);
  patient.begin(line);
  do patient.runTo([requestAt]);
  while (patient.registers.eax !== switchTargets.native);
}

/** A line of the interrupt controllers goes up and down: they go by the edge. */
function pulse(line: number): void {
  const port = maskPorts[line >> 3] ?? Number.NaN;
  patient.bus.writePort(port, 1, patient.bus.readPort(port, 1) & ~(1 << (line & 7)));
  patient.machine.setLine(line, false);
  patient.machine.setLine(line, true);
}

/** Raises a line at the instant of a request in virtual mode, where the kernel's own flag is off: the VMM takes it and keeps it. */
function leaveWithVmm(line: number, raise = pulse): void {
  expect(patient.shared("virtualInterruptFlag")).toBe(0);
  const others = patient.shared("pendingEvents");
  raise(line);
  patient.stepUntil(() => patient.shared("pendingEvents") !== others);
  patient.stepUntil(() => patient.registers.eip === requestAt);
  patient.machine.setLine(line, false);
  expect(patient.shared("pendingEvents")).toBe(others | (1 << line));
}

/** The next so many lines that are raised by software. */
function raised(count: number): readonly number[] {
  return Array.from({ length: count }, () => raises.indexOf(patient.runTo(raises)));
}

/** The storm is over and every half of it was made, but no other. */
function expectStormOver(): void {
  const { state, done, failed, ...places } = keyed(patient.type("cat /proc/mercury/storm"));
  expect({ state, done, failed }).toEqual({ state: "idle", done: "1", failed: "0" });
  const hits = Object.entries(places).filter(([name]) => name.startsWith("at."));
  expect(hits.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(2);
}

test("a storm's own clock, raised inside its switch, begins no other", () => {
  beginAndRunToDetach("echo 1 9 > /proc/mercury/storm");
  leaveWithVmm(interruptLines.rtc);
  expect(raised(1)).toEqual([interruptLines.rtc]);
  patient.untilPrompt();
  expectStormOver();
  expect(patient.type("cat /proc/mercury/mode")).toContain("\nnative\n");
  // One round trip before, by hand.
  expect(keyed(patient.type("cat /proc/mercury/stats"))).toMatchObject({ attaches: "2", detaches: "2", failures: "0" });
});

test("what else was waiting is handled inside a storm's switch, once, the lowest line first", () => {
  beginAndRunToDetach("echo 1 9 > /proc/mercury/storm; read word; echo got $word");
  leaveWithVmm(unused);
  leaveWithVmm(interruptLines.rtc);
  leaveWithVmm(interruptLines.com1, () => patient.machine.receive(0, new TextEncoder().encode("typed\n")));
  expect(raised(3)).toEqual([interruptLines.com1, interruptLines.rtc, unused]);
  expect(patient.untilPrompt()).toContain("\ngot typed\n");
  expectStormOver();
});

test("a storm's clock that is raised inside a program's switch may switch back, and the VMM has what is left", () => {
  // With this seed the first tick is the one.
  beginAndRunToDetach("echo virtual > /proc/mercury/mode; echo 1 5 > /proc/mercury/storm; echo native > /proc/mercury/mode");
  leaveWithVmm(unused);
  leaveWithVmm(interruptLines.rtc);
  expect(raised(1)).toEqual([interruptLines.rtc]);
  expect(patient.runTo([requestAt])).toBe(requestAt);
  expect(patient.registers.eax).toBe(switchTargets.virtual);
  patient.runTo([requestAt + requestLength]);
  expect(patient.shared("mode")).toBe(1);
  expect(patient.shared("pendingEvents")).toBe(1 << unused);
  patient.untilPrompt();
  expect(patient.shared("pendingEvents")).toBe(0);
  expectStormOver();
});
