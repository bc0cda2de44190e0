import type { CodeFunction } from "../object.ts";
import { LinkError, hex } from "./errors.ts";
import { runtimeFunctions } from "./runtime.ts";
import type { ImageSpec } from "./spec.ts";

/** A function or piece of data with its linear address. */
export interface Placed {
  readonly unit: CodeFunction;
  readonly address: number;
}

/** Addresses of everything in an image. */
export interface Layout {
  readonly spec: ImageSpec;
  readonly units: readonly Placed[];
  /** `.multiboot` and `.boot`, at their physical addresses; null when the image has none. */
  readonly boot: Extent | null;
  readonly text: Extent;
  /** Initialised data. */
  readonly data: Extent;
  /** End of zeroed data. */
  readonly end: number;
  readonly globals: ReadonlyMap<string, number>;
  readonly table: number;
  readonly siteTable: number;
  readonly flagThunks: Extent;
  readonly hypercallThunks: Extent;
  readonly flagThunkStarts: number;
  readonly blobs: ReadonlyMap<string, Extent>;
}

/** A range of addresses: the first, and the first behind it. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Sections in the order in which they lie, by the segment that they become. */
const bootSections = [".multiboot", ".boot"] as const;
const textSections = [".header", ".thunks.flag", ".thunks.hypercall", ".text"] as const;
const knownSections: ReadonlySet<string> = new Set([...bootSections, ...textSections, ".data", ".bss"]);

/** Bytes of a siteRecord (abi structures.ts). */
export const siteRecordSize = 24;
const pageSize = 4096;

export function align(address: number, alignment: number): number {
  return Math.ceil(address / alignment) * alignment;
}

/** Gives everything in the image its address. */
export function layoutImage(spec: ImageSpec): Layout {
  const units = unitsOf(spec);
  checkSections(spec, units);
  const placer = new Placer(units);

  placer.moveTo(spec.textBase - spec.loadOffset);
  const bootStart = placer.at;
  for (const section of bootSections) placer.place(section);
  const boot = placer.at === bootStart ? null : { start: bootStart, end: placer.at };

  placer.moveTo(boot === null ? spec.textBase : align(boot.end, 16) + spec.loadOffset);
  const textStart = placer.at;
  const extents = new Map(textSections.map((section) => [section, placer.place(section)]));
  const text = { start: textStart, end: placer.at };

  const data = layoutData(spec, units, placer);
  const layout = { spec, boot, text, ...data, units: placer.placed };
  const flagThunks = extents.get(".thunks.flag") ?? text;
  const hypercallThunks = extents.get(".thunks.hypercall") ?? text;
  const result: Layout = { ...layout, flagThunks, hypercallThunks, blobs: layoutBlobs(spec, data.end) };
  checkExtents(result);
  return result;
}

function layoutData(
  spec: ImageSpec,
  units: readonly CodeFunction[],
  placer: Placer,
): Pick<Layout, "data" | "end" | "globals" | "table" | "siteTable" | "flagThunkStarts"> {
  const object = spec.program?.object;
  placer.moveTo(Math.max(spec.dataBase, object === undefined ? 0 : object.staticEnd >>> 0));
  const globals = new Map<string, number>();
  for (const cell of object?.globals ?? []) globals.set(cell.name, placer.reserve(cell.size, cell.size));
  const table = placer.reserve((object?.table.length ?? 0) * 4, 4);
  const siteCount = spec.siteTable ? units.reduce((sum, unit) => sum + unit.sites.length, 0) : 0;
  const siteTable = placer.reserve(siteCount * siteRecordSize, 4);
  const flagThunkCount = units.filter((unit) => unit.section === ".thunks.flag").length;
  const flagThunkStarts = placer.reserve(flagThunkCount * 4, 4);
  placer.place(".data");
  const data = { start: spec.dataBase, end: placer.at };
  placer.place(".bss");
  return { data, end: placer.at, globals, table, siteTable, flagThunkStarts };
}

function layoutBlobs(spec: ImageSpec, imageEnd: number): ReadonlyMap<string, Extent> {
  const extents = new Map<string, Extent>();
  let at = align(imageEnd, pageSize);
  for (const { name, bytes, physical } of spec.blobs) {
    const start = physical === "after" ? at : physical + spec.loadOffset;
    extents.set(name, { start, end: start + bytes.length });
    at = align(start + bytes.length, pageSize);
  }
  return extents;
}

/** The image's own functions, and of the runtime's those that they refer to and do not define. */
function unitsOf(spec: ImageSpec): readonly CodeFunction[] {
  const own = [...spec.stubs, ...(spec.program?.object.functions ?? []), startUnit(spec)];
  const defined = new Set(own.flatMap((unit) => [unit.name, ...unit.aliases]));
  const referred = new Set(own.flatMap((unit) => unit.relocations.map((relocation) => relocation.target)));
  return [...own, ...runtimeFunctions().filter(({ name }) => referred.has(name) && !defined.has(name))];
}

/** `image.start`: runs the program's initialisers that are not constants, if it has any. Whoever starts the image calls it once. */
function startUnit(spec: ImageSpec): CodeFunction {
  const start = spec.program?.object.start ?? null;
  const unit = { name: "image.start", aliases: [], alignment: 1, sites: [], lines: [], section: ".text" };
  if (start === null) return { ...unit, code: Uint8Array.of(0xc3), relocations: [] }; // RET
  const relocations = [{ offset: 1, kind: "relative", target: start, addend: 0 } as const];
  return { ...unit, code: Uint8Array.of(0xe9, 0, 0, 0, 0), relocations }; // JMP rel32
}

function checkSections(spec: ImageSpec, units: readonly CodeFunction[]): void {
  for (const { name, section, code, sites } of units) {
    const [site] = sites;
    if (site !== undefined && !spec.siteTable) {
      throw new LinkError(
        `${spec.name}: "${name}" has a site of ${site.operation}, but nothing would patch it: this image has no site table`,
      );
    }
    if (!knownSections.has(section))
      throw new LinkError(`${spec.name}: "${name}" asks for section "${section}"; known are ${[...knownSections].join(" ")}`);
    if (section === ".bss" && code.some((byte) => byte !== 0))
      throw new LinkError(`${spec.name}: "${name}" in .bss has bytes that are not zero`);
  }
}

function checkExtents(layout: Layout): void {
  const { spec, text, data, end, boot, blobs } = layout;
  const extents: [string, Extent][] = [["text", text], ["data", { start: data.start, end }], ...blobs];
  if (boot !== null) extents.push(["boot code", { start: boot.start + spec.loadOffset, end: boot.end + spec.loadOffset }]);
  const sorted = extents.filter(([, extent]) => extent.end > extent.start).sort(([, a], [, b]) => a.start - b.start);
  sorted.forEach(([name, extent], index) => {
    const next = sorted[index + 1];
    if (next !== undefined && extent.end > next[1].start) {
      throw new LinkError(`${spec.name}: ${name} ends at ${hex(extent.end)}, inside ${next[0]}, which starts at ${hex(next[1].start)}`);
    }
  });
  if (spec.limit !== null && end > spec.limit)
    throw new LinkError(`${spec.name}: the image ends at ${hex(end)}, above its limit ${hex(spec.limit)}`);
  const object = spec.program?.object;
  for (const { address } of object?.data ?? []) {
    if (address >>> 0 < spec.dataBase)
      throw new LinkError(`${spec.name}: static data at ${hex(address)} lies below the data segment at ${hex(spec.dataBase)}`);
  }
}

/** Hands out addresses. */
class Placer {
  readonly placed: Placed[] = [];
  at = 0;
  private readonly units: readonly CodeFunction[];

  constructor(units: readonly CodeFunction[]) {
    this.units = units;
  }

  moveTo(address: number): void {
    this.at = address;
  }

  reserve(size: number, alignment: number): number {
    this.at = align(this.at, alignment);
    const start = this.at;
    this.at += size;
    return start;
  }

  /** Places every unit of a section; the extent starts at the first of them. */
  place(section: string): Extent {
    let start: number | null = null;
    for (const unit of this.units) {
      if (unit.section !== section) continue;
      const address = this.reserve(unit.code.length, unit.alignment);
      start ??= address;
      this.placed.push({ unit, address });
    }
    return { start: start ?? this.at, end: this.at };
  }
}
