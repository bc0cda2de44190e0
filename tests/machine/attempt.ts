import { switchReasons } from "@mercury/abi";
import { expect } from "vitest";
import {
  changedRegisters,
  changedWords,
  type Exception,
  isVmmData,
  type Moment,
  momentOf,
  sharedField,
  switchReport,
  without,
} from "./moment.ts";
import type { Patient } from "./patient.ts";
import { keyed } from "./report.ts";

export type Reason = (typeof switchReasons)[number]["name"];
export type Target = "virtual" | "native";

/** INT imm8 (SDM 2A INT n). */
const requestLength = 2;
/** Bytes of the kernel's stack under ESP that a request from ring 0 uses: eip, cs, eflags, and EAX on the way back (vmm/stubs/switch.ts). */
const requestFrame = 16;

/** One attempt: the instant before `INT 83h` and the one after it. */
export interface Attempt {
  readonly before: Moment;
  readonly after: Moment;
}

/** Types the request for a mode and runs to the instant before the kernel's `INT 83h`. */
export function request(patient: Patient, target: Target): void {
  patient.begin(`echo ${target} > /proc/mercury/mode; echo $?`);
  patient.stepUntil(() => patient.atRequest());
}

/** Runs the attempt that is about to start. */
export function attempt(patient: Patient): Attempt {
  const before = momentOf(patient);
  patient.stepUntil(() => patient.registers.eip === before.registers.eip + requestLength);
  return { before, after: momentOf(patient) };
}

const row = (reason: Reason): (typeof switchReasons)[number] => switchReasons.find(({ name }) => name === reason) ?? switchReasons[0];

/** The errno of a refusal and its sentence. */
export function refusalOf(reason: Reason): { readonly errno: number; readonly text: string } {
  return row(reason);
}

/**
 * Private variables of the VMM that an attempt leaves behind and no later one reads, told by their values: two time stamps of the report,
 * and what the refusal was about.
 */
function isScratch(word: number, patient: Patient, { before, after }: Attempt): boolean {
  const value = patient.word(word);
  const pair = word & ~7;
  const stamp = patient.word(pair + 4) * 2 ** 32 + patient.word(pair);
  if (stamp >= before.time && stamp <= after.time) return true;
  return value === patient.word(sharedField(patient, "report", ["switchReport", "detail"]).from);
}
/** Words of two stamps and of the detail. */
const scratchWords = 4 + 1;

/** Checks that an attempt was refused for a reason and that everything but what is named here is as it was, to the byte. */
export function expectUntouched(patient: Patient, done: Attempt, reason: Reason, exceptions: readonly Exception[]): void {
  const { before, after } = done;
  expect(after.registers.eax | 0).toBe(-refusalOf(reason).errno);
  expect(changedRegisters(before, after)).toEqual(["eax", "eip"]);
  expect(after.floating).toEqual(before.floating);
  expect(after.masks).toEqual(before.masks);
  const stack = patient.physical(before.registers.esp);
  const named: readonly Exception[] = [
    switchReport(patient),
    sharedField(patient, "stats", ["switchStats", "failures"]),
    { why: "the request's frame, dead under ESP", from: stack - requestFrame, to: stack },
    ...exceptions,
  ];
  const rest = without(changedWords(before, after), named);
  const unexplained = rest.filter((word) => !isVmmData(patient, word) || !isScratch(word, patient, done));
  expect(unexplained.map((word) => word.toString(16))).toEqual([]);
  expect(rest.length).toBeLessThanOrEqual(scratchWords);
}

/** After a refusal: its writer got the errno, /proc/mercury/last the reason, the mode is the old one, and a recount finds nothing. */
export function expectGoingOn(patient: Patient, target: Target, reason: Reason): void {
  expect(patient.untilPrompt()).toMatch(/\n1\n# $/);
  expect(keyed(patient.type("cat /proc/mercury/last"))).toMatchObject({
    direction: target === "virtual" ? "native->virtual" : "virtual->native",
    result: "failed",
    reason: refusalOf(reason).text,
  });
  expect(patient.type("cat /proc/mercury/mode")).toContain(target === "virtual" ? "\nnative\n" : "\nvirtual\n");
  expect(patient.type("ls /bin | wc -l; cat /proc/mercury/audit")).toMatch(/\nok\n/);
}

/** The next switch goes through, with the audit of a test image behind it. */
export function expectSwitch(patient: Patient, target: Target): void {
  expect(patient.type(`echo ${target} > /proc/mercury/mode; echo $?`)).toContain("\n0\n");
  expect(patient.type("cat /proc/mercury/mode")).toContain(`\n${target}\n`);
}
