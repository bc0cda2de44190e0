import { adoptMemory, strategy } from "mercury:vmm";
import * as lazy from "../strategies/lazy";
import { RECOMPUTE } from "../strategies/names";
import * as recompute from "../strategies/recompute";

/** What a strategy does before the commit point, and at it. */
export function prepareMemory(): u32 {
  return strategy() == RECOMPUTE ? recompute.prepare() : lazy.prepare();
}

export function commitMemory(): void {
  if (strategy() == RECOMPUTE) recompute.commit();
  else lazy.commit();
  adoptMemory();
}
