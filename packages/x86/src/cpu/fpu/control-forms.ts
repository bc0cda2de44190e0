import { at, cr0 } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import { raise, vector } from "../exceptions.ts";
import { readOperand, writeOperand } from "../operands.ts";
import type { HostTable } from "../system/host.ts";
import { loadAll, loadEnvironment, statusWord, storeAll, storeEnvironment } from "./environment.ts";
import { computing, control, waitingControl } from "./execute.ts";
import { isPending, pendingException, setConditions, setStatus } from "./pending.ts";
import { free, moveTop, pop } from "./stack.ts";
import { CONTROL_BITS, CONTROL_FIXED, INITIAL_CONTROL, status } from "./status.ts";

/** What FNINIT does; the data registers keep their contents, but all are empty (SDM 2A "FINIT/FNINIT"). */
export function initialize(core: Core): void {
  const { state } = core;
  setStatus(core, 0);
  state.set(at.fpuControl, INITIAL_CONTROL);
  state.set(at.fpuTop, 0);
  state.set(at.fpuTags, 0);
  for (const offset of pointers) state.set(offset, 0);
}

const pointers = [at.fpuOpcode, at.fpuInstructionOffset, at.fpuInstructionSelector, at.fpuDataOffset, at.fpuDataSelector] as const;

function loadControl(core: Core, value: number): void {
  core.state.set(at.fpuControl, (value & CONTROL_BITS) | CONTROL_FIXED);
  // An exception that is set and no longer masked is pending.
  setStatus(core, core.state.get(at.fpuStatus));
}

/** FSTENV masks everything after it has stored (SDM 2A "FSTENV/FNSTENV"). */
function maskAll(core: Core): void {
  loadControl(core, core.state.get(at.fpuControl) | status.exceptions);
}

function rotate(by: number): (core: Core) => void {
  return (core) => {
    moveTop(core, by);
    setConditions(core, 0, status.C1);
  };
}

/** WAIT: #NM only with MP and TS both (SDM 3A table 9-2). */
function wait(core: Core): void {
  const both = cr0.MP | cr0.TS;
  if ((core.state.get(at.cr0) & both) === both) raise(core, vector.NM);
  if (isPending(core)) pendingException(core);
}

/** The manual leaves the conditions undefined; processors clear C1. */
function release(core: Core, i: number): void {
  free(core, i);
  setConditions(core, 0, status.C1);
}

const nothing = control(() => undefined);

export const controlForms: HostTable = {
  fninit: control(initialize),
  fnclex: control((core) => setStatus(core, core.state.get(at.fpuStatus) & ~(status.exceptions | status.stackFault))),
  fnstcw: control((core, instruction) => writeOperand(core, instruction, core.state.get(at.fpuControl), 2)),
  fnstsw: control((core, instruction) => {
    if (instruction.memory) writeOperand(core, instruction, statusWord(core), 2);
    else core.state.setRegister(0, 2, statusWord(core));
  }),
  fnstenv: control((core, instruction) => {
    storeEnvironment(core, instruction);
    maskAll(core);
  }),
  fnsave: control((core, instruction) => {
    storeAll(core, instruction);
    initialize(core);
  }),
  fldcw: waitingControl((core, instruction) => loadControl(core, readOperand(core, instruction, 2))),
  fldenv: waitingControl(loadEnvironment),
  frstor: waitingControl(loadAll),
  fincstp: computing(rotate(1)),
  fdecstp: computing(rotate(-1)),
  ffree: computing((core, { rm }) => release(core, rm)),
  ffreep: computing((core, { rm }) => {
    release(core, rm);
    pop(core);
  }),
  fnop: computing(() => undefined),
  fneni: nothing,
  fndisi: nothing,
  fnsetpm: nothing,
  wait,
};
