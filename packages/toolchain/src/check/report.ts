import { hex } from "../link/errors.ts";
import type { LinkedImage } from "../link/image.ts";
import type { SensitivePlace } from "./image.ts";
import type { SensitiveRange } from "./ranges.ts";

/** What an image that passed the check holds. */
export interface ImageReport {
  readonly name: string;
  /** Sites by operation, most first. */
  readonly sites: readonly { readonly operation: string; readonly count: number }[];
  /** Sensitive instructions outside of sites. */
  readonly ranges: readonly RangeReport[];
}

/** Named code that holds sensitive instructions, and how many. */
export interface RangeReport {
  readonly name: string;
  readonly reason: string;
  readonly instructions: number;
  /** Functions that hold them, in ascending order. */
  readonly functions: readonly { readonly symbol: string; readonly start: number; readonly end: number }[];
}

export function reportOf(image: LinkedImage, found: ReadonlyMap<SensitiveRange, readonly SensitivePlace[]>): ImageReport {
  const counts = new Map<string, number>();
  for (const { operation } of image.sites) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  const sites = [...counts].map(([operation, count]) => ({ operation, count })).toSorted((a, b) => b.count - a.count);
  const ranges = [...found].map(([{ name, reason }, places]) => ({
    name,
    reason,
    instructions: places.length,
    functions: functionsOf(image, new Set(places.map(({ symbol }) => symbol))),
  }));
  return { name: image.name, sites, ranges };
}

function functionsOf({ layout }: LinkedImage, names: ReadonlySet<string>): RangeReport["functions"] {
  return layout.units
    .filter(({ unit }) => names.has(unit.name))
    .map(({ unit, address }) => ({ symbol: unit.name, start: address, end: address + unit.code.length }))
    .toSorted((a, b) => a.start - b.start);
}

/** The report as a table for people. */
export function formatReport({ name, sites, ranges }: ImageReport): string {
  const total = sites.reduce((sum, { count }) => sum + count, 0);
  const lines = [
    `${name}: ${total} sites of ${sites.length} operations`,
    ...sites.map(({ operation, count }) => `${String(count).padStart(6)}  ${operation}`),
    `${name}: ${ranges.reduce((sum, { instructions }) => sum + instructions, 0)} sensitive instructions outside of sites`,
  ];
  for (const { name: range, reason, instructions, functions } of ranges.filter((each) => each.instructions > 0)) {
    lines.push(`${String(instructions).padStart(6)}  ${range}: ${reason}`);
    lines.push(...functions.map(({ symbol, start, end }) => `        ${hex(start)}-${hex(end)} ${symbol.replace(/^~lib\//, "")}`));
  }
  return `${lines.join("\n")}\n`;
}
