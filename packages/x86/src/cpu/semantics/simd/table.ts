import { at } from "../../../state/layout.ts";
import * as x from "../../../wasm/expression.ts";
import type { SemanticsTable } from "../semantics.ts";
import { floats } from "./float.ts";
import { vectorIntegers } from "./integer.ts";
import { moves } from "./move.ts";
import { requireMmx } from "./operands.ts";
import { vectorShifts } from "./shift.ts";
import { shuffles } from "./shuffle.ts";

/** MMX, SSE and SSE2. Some names are also those of string instructions. */
export const vectors: SemanticsTable = {
  ...moves,
  ...vectorIntegers,
  ...vectorShifts,
  ...shuffles,
  ...floats,
  emms: (b) => {
    requireMmx(b);
    // TOP becomes 0 as with every MMX instruction (SDM 1 9.5), and all registers empty.
    b.set(at.fpuTop, x.int(0));
    b.set(at.fpuTags, x.int(0));
  },
  // Nothing is cached, and memory is accessed in program order.
  prefetchnta: () => undefined,
  prefetcht0: () => undefined,
  prefetcht1: () => undefined,
  prefetcht2: () => undefined,
  sfence: () => undefined,
  lfence: () => undefined,
  mfence: () => undefined,
};
