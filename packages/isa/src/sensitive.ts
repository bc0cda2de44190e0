import type { Privilege, Row, Sensitivity } from "./row.ts";

/** Why a form may not stand in code that has to run both in ring 0 and, virtualized, in ring 1. */
export interface SensitiveForm {
  /** What a lower ring notices: an exception, which a VMM can catch, or a silent difference, which it cannot. */
  readonly detection: "faults" | "silent";
  /** Behaviour below ring 0, in a sentence. */
  readonly behaviour: string;
}

/** Forms that fault for want of privilege (SDM 3A 5.9; SDM 1 19.5). */
const byPrivilege: Readonly<Record<Exclude<Privilege, "any">, SensitiveForm>> = {
  cpl0: { detection: "faults", behaviour: "#GP(0) unless CPL is 0" },
  iopl: { detection: "faults", behaviour: "#GP(0) if CPL is above IOPL" },
  io: { detection: "faults", behaviour: "#GP(0) if CPL is above IOPL and the I/O permission bitmap does not allow the port" },
};

/** Forms that run in every ring, but not alike: the "sensitive, unprivileged" instructions of the IA-32. */
const bySensitivity: Readonly<Record<Sensitivity, SensitiveForm>> = {
  "table-register": {
    detection: "silent",
    behaviour: "stores the descriptor-table register or selector of ring 0's owner; #GP(0) only with CR4.UMIP",
  },
  "machine-status": { detection: "silent", behaviour: "stores the low half of the real CR0; #GP(0) only with CR4.UMIP" },
  "flags-image": {
    detection: "silent",
    behaviour: "shows the real IF and IOPL; loading leaves IF unchanged if CPL is above IOPL, and IOPL unless CPL is 0",
  },
  "descriptor-query": {
    detection: "silent",
    behaviour: "answers for the current CPL, and with the limit and DPL that the descriptor really has",
  },
  "selector-read": { detection: "silent", behaviour: "shows the RPL, which in CS and SS is the CPL" },
  "selector-load": {
    detection: "faults",
    behaviour: "#GP(selector) if RPL or DPL do not suit the CPL; SS takes RPL and DPL equal to it only",
  },
  "far-transfer": { detection: "faults", behaviour: "#GP(selector) if the target's RPL or DPL do not suit the CPL" },
  "interrupt-return": {
    detection: "silent",
    behaviour: "leaves IF unchanged if CPL is above IOPL; #GP(selector) if the frame's CS has a lower RPL",
  },
  "software-interrupt": {
    detection: "faults",
    behaviour: "enters through the real IDT; #GP(vector * 8 + 2) if the gate's DPL is below the CPL",
  },
  "fast-system-call": { detection: "silent", behaviour: "enters ring 0 at the real SYSENTER registers; #GP(0) if SYSENTER_CS is 0" },
};

/**
 * What happens to a form below ring 0.
 * @returns undefined for forms that do the same in every ring
 */
export function sensitiveForm(row: Row): SensitiveForm | undefined {
  if (row.privilege !== "any") return byPrivilege[row.privilege];
  return row.sensitivity === undefined ? undefined : bySensitivity[row.sensitivity];
}

/** Whether a form is privileged, needs an I/O privilege level, or tells rings apart. */
export function isSensitive(row: Row): boolean {
  return sensitiveForm(row) !== undefined;
}
