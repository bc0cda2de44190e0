import { STRATEGY_RECOMPUTE } from "@mercury/abi/metal";
import { adoptMemory, strategy } from "mercury:vmm";
import * as lazy from "../strategies/lazy";
import * as recompute from "../strategies/recompute";

/** What a strategy does before the commit point, and at it. */
export function prepareMemory(): u32 {
  return strategy() == STRATEGY_RECOMPUTE ? recompute.prepare() : lazy.prepare();
}

export function commitMemory(): void {
  if (strategy() == STRATEGY_RECOMPUTE) recompute.commit();
  else lazy.commit();
  adoptMemory();
}
