import { readFlags, setStatusFlags } from "../../state/flags.ts";
import { eflags } from "../../state/layout.ts";
import type { Core } from "../core.ts";
import type { HostInstruction, HostTable } from "../system/host.ts";
import { compare, type Order } from "./compare.ts";
import { computing, conclude, operationOf } from "./execute.ts";
import { readNumber } from "./memory.ts";
import { type Extended, type Kind, kindOf, zero } from "./number.ts";
import { setConditions } from "./pending.ts";
import { isEmpty, pop, read, underflows } from "./stack.ts";
import { status } from "./status.ts";

/** SDM 2A table 3-21 of FCOM. */
const conditionsOf: Readonly<Record<Order, number>> = {
  greater: 0,
  less: status.C0,
  equal: status.C3,
  unordered: status.C0 | status.C2 | status.C3,
};

/** SDM 2A table 3-22 of FCOMI. */
const flagsOf: Readonly<Record<Order, number>> = {
  greater: 0,
  less: eflags.CF,
  equal: eflags.ZF,
  unordered: eflags.CF | eflags.PF | eflags.ZF,
};

interface Comparison {
  readonly quietly: boolean;
  readonly pops: number;
  /** The outcome goes to EFLAGS. */
  readonly toFlags?: boolean;
}

function tell(core: Core, order: Order, toFlags: boolean): void {
  if (toFlags) setStatusFlags(core.state, (readFlags(core.state) & ~COMPARED) | flagsOf[order]);
  else setConditions(core, conditionsOf[order], status.C0 | status.C2 | status.C3);
}

/** OF, SF and AF are cleared (SDM 2A "FCOMI"). */
const COMPARED = eflags.OF | eflags.SF | eflags.ZF | eflags.AF | eflags.PF | eflags.CF;

/** Compares ST(0) with a register or, given one, another number. */
function compareTop(core: Core, with_: number | Extended, { quietly, pops, toFlags = false }: Comparison): void {
  const inRegister = typeof with_ === "number";
  if (isEmpty(core, 0) || (inRegister && isEmpty(core, with_))) {
    if (!underflows(core)) return;
    tell(core, "unordered", toFlags);
  } else {
    const operation = operationOf(core);
    const order = compare(operation, read(core, 0), inRegister ? read(core, with_) : with_, quietly);
    if (!conclude(core, operation)) return;
    tell(core, order, toFlags);
  }
  for (let count = 0; count < pops; count++) pop(core);
}

/** With ST(i) or a number in memory; the forms without operands compare with ST(1). */
function comparison(how: Comparison): HostInstruction {
  return computing((core, instruction) => {
    const other = instruction.memory ? readNumber(core, instruction) : instruction.row.operands.length === 0 ? 1 : instruction.rm;
    compareTop(core, other, how);
  });
}

const classes: Readonly<Record<Kind, number>> = {
  unsupported: 0,
  quiet: status.C0,
  signaling: status.C0,
  normal: status.C2,
  infinity: status.C2 | status.C0,
  zero: status.C3,
  denormal: status.C3 | status.C2,
};

/** Class and sign of ST(0): SDM 2A table 3-53. The sign is told of an empty register too. */
const examine = computing((core) => {
  const value = read(core, 0);
  const kind = isEmpty(core, 0) ? status.C3 | status.C0 : classes[kindOf(value)];
  setConditions(core, kind | (value.sign === 1 ? status.C1 : 0));
});

const ordered = (pops: number): HostInstruction => comparison({ quietly: false, pops });
const quiet = (pops: number): HostInstruction => comparison({ quietly: true, pops });

export const comparisonForms: HostTable = {
  fcom: ordered(0),
  fcomp: ordered(1),
  fcompp: ordered(2),
  ficom: ordered(0),
  ficomp: ordered(1),
  fucom: quiet(0),
  fucomp: quiet(1),
  fucompp: quiet(2),
  fcomi: comparison({ quietly: false, pops: 0, toFlags: true }),
  fcomip: comparison({ quietly: false, pops: 1, toFlags: true }),
  fucomi: comparison({ quietly: true, pops: 0, toFlags: true }),
  fucomip: comparison({ quietly: true, pops: 1, toFlags: true }),
  ftst: computing((core) => compareTop(core, zero(0), { quietly: false, pops: 0 })),
  fxam: examine,
};
