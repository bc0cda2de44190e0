import { startEpoch, validateAll } from "mercury:vmm";

/** Walks every table of every process now; an illegal entry refuses the switch. */
export function prepare(): u32 {
  startEpoch();
  return validateAll();
}

/** All is validated. */
export function commit(): void {}
