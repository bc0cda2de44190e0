import { at, cr0, cr4, FPU_PENDING, unavailable } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raise, vector } from "../exceptions.ts";
import { pendingException } from "../fpu/pending.ts";

/**
 * Why MMX or XMM registers may not be used: #UD with CR0.EM or, of XMM, without CR4.OSFXSR; #NM with CR0.TS; #MF when an x87
 * exception is pending, which may let the instruction pass (SDM 2A 2.5 tables 2-18 to 2-21, SDM 3A 12.1).
 */
export function raiseUnavailable(core: Core, registers: "mmx" | "xmm"): void {
  const { state } = core;
  const control = state.get(at.cr0);
  if ((control & cr0.EM) !== 0) raise(core, vector.UD);
  if (registers === "xmm" && (state.get(at.cr4) & cr4.OSFXSR) === 0) raise(core, vector.UD);
  if ((control & cr0.TS) !== 0) raise(core, vector.NM);
  pendingException(core);
}

/** For instructions that the host does. */
export function requireMmx(core: Core): void {
  const pending = (core.state.get(at.fpuStatus) & FPU_PENDING) !== 0;
  if (pending || (core.state.get(at.unavailable) & unavailable.mmx) !== 0) raiseUnavailable(core, "mmx");
}

export function requireXmm(core: Core): void {
  if ((core.state.get(at.unavailable) & unavailable.xmm) !== 0) raiseUnavailable(core, "xmm");
}
