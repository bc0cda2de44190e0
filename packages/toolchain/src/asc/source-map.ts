import { lastAtMost } from "../search.ts";

/** A place that a source map names: asc's own file name and a line from 1. */
export interface MappedLine {
  /** Byte offset of the module from which the mapping holds. */
  readonly offset: number;
  readonly source: string;
  readonly line: number;
}

/** The mappings of a wasm module: generated columns are byte offsets (ECMA-426, all on one generated line). */
export class WasmSourceMap {
  private readonly segments: readonly MappedLine[];

  /** `json`: the text of the map. */
  constructor(json: string) {
    // Written by asc in the same run; only these two fields are read.
    const { sources, mappings } = JSON.parse(json) as { sources: readonly string[]; mappings: string };
    this.segments = decodeMappings(sources, mappings);
  }

  /** The source of the instruction at a byte offset of the module, or null where the compiler made it up. */
  locate(offset: number): MappedLine | null {
    const found = this.segments[this.indexAt(offset)];
    return found === undefined || found.source === "" ? null : found;
  }

  /** The same, but for an instruction without a source that of the nearest one before it, such as its operand. */
  locateNear(offset: number): MappedLine | null {
    for (let index = this.indexAt(offset); index >= 0; index--) {
      const found = this.segments[index];
      if (found !== undefined && found.source !== "") return found;
    }
    return null;
  }

  private indexAt(offset: number): number {
    return lastAtMost(this.segments, (segment) => segment.offset, offset);
  }
}

function decodeMappings(sources: readonly string[], mappings: string): readonly MappedLine[] {
  const segments: MappedLine[] = [];
  let offset = 0;
  let source = 0;
  let line = 0;
  for (const text of mappings.split(",")) {
    const [offsetStep = 0, sourceStep, lineStep = 0] = decodeVlq(text);
    offset += offsetStep;
    // A segment of one field has no source: Binaryen ends a mapping with it.
    source += sourceStep ?? 0;
    line += lineStep;
    segments.push({ offset, source: sourceStep === undefined ? "" : (sources[source] ?? ""), line: line + 1 });
  }
  return segments;
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 VLQ: five bits a digit, least first, bit 5 goes on, the lowest bit of the whole is the sign. */
function decodeVlq(text: string): number[] {
  const values: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of text) {
    const digit = digits.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    values.push((value & 1) === 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return values;
}
