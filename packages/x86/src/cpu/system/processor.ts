import { activity, at, cr4 } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raiseGeneral } from "../exceptions.ts";
import { requireRing0 } from "./control-registers.ts";
import { identify } from "./cpuid.ts";
import type { HostTable } from "./host.ts";
import { readMsr, setPair, timeStamp, writeMsr } from "./msr.ts";

function readTimeStamp(core: Core): void {
  if ((core.state.get(at.cr4) & cr4.TSD) !== 0 && core.cpl !== 0) raiseGeneral(core, 0);
  setPair(core, timeStamp(core));
}

/** With CR4.PCE, or in ring 0: there are no counters, and reading one that does not exist is #GP(0) (SDM 2B "RDPMC"). */
function readCounter(core: Core): void {
  raiseGeneral(core, 0);
}

function halt(core: Core): void {
  requireRing0(core);
  core.state.set(at.activity, activity.halted);
}

export const processor: HostTable = {
  cpuid: identify,
  rdtsc: readTimeStamp,
  rdpmc: readCounter,
  rdmsr: readMsr,
  wrmsr: writeMsr,
  hlt: halt,
};
