import { cstr } from "@mercury/toolchain/metal";

/** Numbers in kernelRecord and in the report; src/layer.ts lists the names in this order. */
export const LAZY: u32 = 0;
export const RECOMPUTE: u32 = 1;

export function strategyCount(): u32 {
  return RECOMPUTE + 1;
}

/** A strategy's name, NUL-terminated. */
export function strategyName(strategy: u32): usize {
  if (strategy == LAZY) return cstr`lazy`;
  return strategy == RECOMPUTE ? cstr`recompute` : cstr`unknown`;
}
