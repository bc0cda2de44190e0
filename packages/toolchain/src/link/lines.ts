import type { Layout } from "./layout.ts";
import type { SourceLine } from "./spec.ts";

/** The source line of the code from `address` to the next entry; null ends a run of code. */
export interface LineEntry {
  readonly address: number;
  readonly source: SourceLine | null;
}

/** The line table of an image, ascending; every function's rows end with the function. */
export function collectLines(layout: Layout): readonly LineEntry[] {
  const locate = layout.spec.program?.locate;
  if (locate === undefined) return [];
  const entries: LineEntry[] = [];
  for (const { unit, address } of layout.units) {
    if (unit.lines.length === 0) continue;
    let last: SourceLine | null = null;
    for (const { offset, wasmOffset } of unit.lines) {
      const source = locate(wasmOffset);
      if (source === null || (source.file === last?.file && source.line === last.line)) continue;
      entries.push({ address: address + offset, source });
      last = source;
    }
    if (last !== null) entries.push({ address: address + unit.code.length, source: null });
  }
  return entries.sort((a, b) => a.address - b.address || Number(a.source !== null) - Number(b.source !== null));
}
