import { REASON_NONE, STRATEGY_LAZY, STRATEGY_RECOMPUTE } from "@mercury/abi/metal";
import { startEpoch, tablesValidated, validateAll } from "mercury:vmm";

/** Interrupts are off while tables are validated: more of them at once would be felt. */
const BOUND: u32 = 24;
/** Attaches that validate nothing after one that met too many tables; then they are counted again. */
const REST: u32 = 2;

let rest: u32 = 0;
let eager: bool = false;

/** Before the commit point: a reason to refuse the switch, as only an eager look finds it. */
export function prepareMemory(): u32 {
  eager = rest == 0;
  if (!eager) {
    rest--;
    return REASON_NONE;
  }
  startEpoch();
  const reason = validateAll();
  if (tablesValidated() > BOUND) rest = REST;
  return reason;
}

/** At the commit point. Without an eager look every type is forgotten here, and what is touched later is validated then. */
export function commitMemory(): void {
  if (!eager) startEpoch();
}

/** How the present attach came by its types, in the words of the report. */
export function strategyUsed(): u32 {
  return eager ? STRATEGY_RECOMPUTE : STRATEGY_LAZY;
}
