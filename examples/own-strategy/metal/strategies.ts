import { REASON_NONE } from "@mercury/abi/metal";
import { startEpoch, strategy, tablesValidated, validateAll, validateRunning } from "mercury:vmm";

/** Numbers of the two; src/index.ts lists their names in this order. */
const RUNNING: u32 = 0;

/** `bounded`: interrupts are off while tables are validated, and more of them at once would be felt. */
const BOUND: u32 = 24;
/** Attaches that validate nothing after one that met too many tables; then they are counted again. */
const REST: u32 = 2;

let rest: u32 = 0;
let eager: bool = false;

/** Before the commit point: a reason to refuse the switch, as only an eager look finds it. */
export function prepareMemory(): u32 {
  eager = strategy() == RUNNING || rest == 0;
  if (!eager) {
    rest--;
    return REASON_NONE;
  }
  startEpoch();
  return strategy() == RUNNING ? validateRunning() : validateUnlessMany();
}

function validateUnlessMany(): u32 {
  const reason = validateAll();
  if (tablesValidated() > BOUND) rest = REST;
  return reason;
}

/** At the commit point. Without an eager look every type is forgotten here, and what is touched later is validated then. */
export function commitMemory(): void {
  if (!eager) startEpoch();
}
