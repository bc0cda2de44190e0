import { activity, at, cr0 } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raise, RESTART, vector } from "../exceptions.ts";
import { conditions, status, STORED_STATUS } from "./status.ts";

/**
 * An unmasked x87 exception is pending, and a waiting x87 or an MMX instruction is about to begin: #MF with CR0.NE, else FERR#
 * and, unless IGNNE# lets the instruction pass, a stop until an interrupt comes (SDM 1 D.2.1, SDM 3A 2.5). Returns only to let it pass.
 */
export function pendingException(core: Core): void {
  const { state } = core;
  if ((state.get(at.cr0) & cr0.NE) !== 0) raise(core, vector.MF);
  if (core.bus.floatError?.(true) === true) return;
  state.set(at.activity, activity.halted);
  // oxlint-disable-next-line typescript/only-throw-error -- see RESTART
  throw RESTART;
}

/** Whether an unmasked exception waits to be noticed. */
export const isPending = (core: Core): boolean => (core.state.get(at.fpuStatus) & status.summary) !== 0;

/** Replaces the status word but for TOP; ES and B follow from the exceptions and their masks. */
export function setStatus(core: Core, value: number): void {
  const { state } = core;
  const before = state.get(at.fpuStatus);
  const unmasked = value & ~state.get(at.fpuControl) & status.exceptions;
  const summary = unmasked === 0 ? 0 : status.summary | status.busy;
  state.set(at.fpuStatus, (value & STORED_STATUS & ~(status.summary | status.busy)) | summary);
  // FERR# follows ES; with CR0.NE nobody listens to it.
  if ((before & status.summary) !== 0 && summary === 0) core.bus.floatError?.(false);
}

/** Sets exceptions, which stay until they are cleared. */
export function report(core: Core, exceptions: number): void {
  setStatus(core, core.state.get(at.fpuStatus) | exceptions);
}

/** Sets some of C0 to C3 and clears the others of `among`. */
export function setConditions(core: Core, value: number, among: number = conditions): void {
  core.state.set(at.fpuStatus, (core.state.get(at.fpuStatus) & ~among) | value);
}
