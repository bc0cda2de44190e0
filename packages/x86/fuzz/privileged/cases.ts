import { Random } from "../random.ts";
import type { PrivilegedCase } from "./case.ts";
import { alignments, breakpoints } from "./families/debug.ts";
import { controls, largePages, paePages } from "./families/paging.ts";
import { limits, pages, privileges } from "./families/rights.ts";
import { tasks } from "./families/tasks.ts";
import { farTransfers, gates, innerStacks, segmentLoads } from "./families/transfers.ts";
import { protectedVirtualInterrupts, virtual8086, virtualInterrupts } from "./families/virtual.ts";

/** In the order of the recording: all draw from one stream of random numbers. */
const families: readonly ((random: Random) => PrivilegedCase[])[] = [
  segmentLoads,
  farTransfers,
  gates,
  virtual8086,
  tasks,
  innerStacks,
  limits,
  pages,
  privileges,
  paePages,
  largePages,
  controls,
  breakpoints,
  alignments,
  virtualInterrupts,
  protectedVirtualInterrupts,
];

/** Every case, in a fixed order. */
export function privilegedCases(): readonly PrivilegedCase[] {
  const random = new Random(2026);
  return families.flatMap((family) => family(random));
}
