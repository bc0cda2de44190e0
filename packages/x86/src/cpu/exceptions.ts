import type { Core } from "./core.ts";

/** Vectors of exceptions (SDM 3A table 6-1). */
export const vector = {
  DE: 0,
  DB: 1,
  NMI: 2,
  BP: 3,
  OF: 4,
  BR: 5,
  UD: 6,
  NM: 7,
  DF: 8,
  TS: 10,
  NP: 11,
  SS: 12,
  GP: 13,
  PF: 14,
  MF: 16,
  AC: 17,
  MC: 18,
  XM: 19,
} as const;

/** What a fault pushes besides the frame; `undefined` for exceptions without error code (SDM 3A 6.13). */
export type ErrorCode = number | undefined;

/**
 * Thrown to leave an instruction that faults, from any depth, generated code included. It is one object made
 * beforehand, because making an Error costs more than delivering the exception; what happened stands in `Core.fault`.
 */
export const FAULT: object = Object.freeze({ unwind: "fault" });
/** Thrown to begin the present instruction anew as a block of its own; nothing has been committed. */
export const RESTART: object = Object.freeze({ unwind: "restart" });
/** Thrown when an exception while delivering a double fault shuts the processor down (SDM 3A 6.15, interrupt 8). */
export const SHUTDOWN: object = Object.freeze({ unwind: "shutdown" });

/**
 * Raises an exception. `resume`: RF is 1 in the flags that it saves, as for every fault but that of an instruction breakpoint, whose
 * handler says by RF whether the instruction may begin (SDM 3B 17.3.1.1).
 */
export function raise(core: Core, number: number, errorCode?: number, resume: boolean = number !== vector.DB): never {
  core.fault.vector = number;
  core.fault.errorCode = errorCode;
  core.fault.resume = resume;
  // oxlint-disable-next-line typescript/only-throw-error -- see FAULT
  throw FAULT;
}

export const raiseGeneral = (core: Core, errorCode: number): never => raise(core, vector.GP, errorCode);

type Severity = "benign" | "contributory" | "page";

function severity(number: number): Severity {
  if (number === vector.PF) return "page";
  const contributory = [vector.DE, vector.TS, vector.NP, vector.SS, vector.GP] as readonly number[];
  return contributory.includes(number) ? "contributory" : "benign";
}

/** Whether a second exception while the first is delivered makes a double fault (SDM 3A table 6-5). */
export function makesDoubleFault(first: number, second: number): boolean {
  if (severity(first) === "contributory") return severity(second) === "contributory";
  return severity(first) === "page" && severity(second) !== "benign";
}
