import { gdtSlots, memoryMap, structures } from "@mercury/abi";
import type { CpuRegisters, FloatingRegisters } from "@mercury/x86";
import { offset, type Patient } from "./patient.ts";

/** Data ports of the two interrupt controllers, which give their masks (8259A data sheet, OCW1). */
const maskPorts = [0x21, 0xa1] as const;
/** Bytes of the VMM's stack (vmm/stubs/data.ts). */
const vmmStackSize = 0x2000;

/** All that a machine remembers at one instant, as far as a switch could touch it. */
export interface Moment {
  readonly ram: Uint8Array;
  readonly registers: CpuRegisters;
  /** x87, MMX and SSE. */
  readonly floating: FloatingRegisters | undefined;
  /** Of the two interrupt controllers. */
  readonly masks: readonly number[];
  /** Time stamp counter. */
  readonly time: number;
}

export function momentOf(patient: Patient): Moment {
  return {
    ram: patient.machine.ram.slice(),
    registers: patient.registers,
    floating: patient.cpu.debug?.floating,
    masks: maskPorts.map((port) => patient.bus.readPort(port, 1)),
    time: patient.machine.now,
  };
}

/** Physical addresses of all words that differ. */
export function changedWords(before: Moment, after: Moment): readonly number[] {
  const wordsOf = ({ ram }: Moment): Uint32Array => new Uint32Array(ram.buffer, ram.byteOffset, ram.length / 4);
  const [old, now] = [wordsOf(before), wordsOf(after)];
  const changed: number[] = [];
  for (let index = 0; index < old.length; index++) if (old[index] !== now[index]) changed.push(index * 4);
  return changed;
}

/** Names of the registers that differ. */
export function changedRegisters(before: Moment, after: Moment): readonly string[] {
  const now = new Map<string, number>(Object.entries(after.registers));
  return Object.entries(before.registers)
    .filter(([name, value]) => now.get(name) !== value)
    .map(([name]) => name);
}

/** A piece of memory that may change, and why. Physical addresses. */
export interface Exception {
  readonly why: string;
  readonly from: number;
  readonly to: number;
}

/** The words that no exception names. */
export function without(words: readonly number[], exceptions: readonly Exception[]): readonly number[] {
  return words.filter((word) => !exceptions.some(({ from, to }) => word >= from && word < to));
}

/** A field of the page that kernel and VMM share; of a structure in it, one field. */
export function sharedField(
  patient: Patient,
  field: string,
  inner?: readonly ["switchReport" | "switchStats" | "auditReport", string],
): Exception {
  const from = patient.physical(memoryMap.sharedPage) + offset("sharedPage", field) + (inner === undefined ? 0 : offset(...inner));
  return { why: `shared page: ${field}${inner === undefined ? "" : `.${inner[1]}`}`, from, to: from + 4 };
}

/** The report of the last switch. */
export function switchReport(patient: Patient): Exception {
  const { from } = sharedField(patient, "report");
  return { why: "shared page: report", from, to: from + structures.switchReport.size };
}

/** The VMM's stack: between two entries all of it is dead. Virtual mode; found by the VMM's task state. */
export function vmmStack(patient: Patient): Exception {
  const state = patient.segmentBase(gdtSlots.vmmTaskState);
  const top = patient.physical(patient.word(patient.physical(state) + offset("taskState", "esp0")));
  return { why: "the VMM's stack, dead between two entries", from: top - vmmStackSize, to: top };
}

/** The VMM's data, where its private variables are. */
export function vmmData(patient: Patient): { readonly from: number; readonly to: number } {
  const reserve = patient.record("vmmReserve");
  return { from: reserve + memoryMap.vmmDataBase - memoryMap.vmmBase, to: reserve + patient.record("vmmReserveSize") };
}

export function isVmmData(patient: Patient, physical: number): boolean {
  const { from, to } = vmmData(patient);
  return physical >= from && physical < to;
}
