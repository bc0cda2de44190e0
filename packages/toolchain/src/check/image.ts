import type { SensitiveCode } from "@mercury/abi";
import { decode, disassemble, type Row, sensitiveForm } from "@mercury/isa";
import { hex } from "../link/errors.ts";
import type { LinkedImage } from "../link/image.ts";
import type { SourceLine } from "../link/spec.ts";
import { isCode } from "../link/symbols.ts";
import { lastAtMost } from "../search.ts";
import type { PlacedSite } from "../sites/table.ts";
import { bodyRanges, namedRange, type SensitiveRange, waysIntoBoot } from "./ranges.ts";
import { References } from "./references.ts";
import { type ImageReport, reportOf } from "./report.ts";

/** Where a sensitive instruction stands. */
export interface SensitivePlace {
  readonly address: number;
  /** The function that it stands in, and the section of that function. */
  readonly symbol: string;
  readonly section: string;
  /** Source line, or null in stubs. */
  readonly source: SourceLine | null;
  readonly row: Row;
}

/** An image that holds an instruction where it must not be; the message has a line for each. */
export class ImageCheckError extends Error {
  override readonly name = "ImageCheckError";
  readonly faults: readonly ImageFault[];

  constructor(faults: readonly ImageFault[]) {
    super(faults.map((fault) => fault.message).join("\n"));
    this.faults = faults;
  }
}

/** One place of an image that breaks a rule. */
export interface ImageFault {
  readonly place: SensitivePlace | null;
  readonly message: string;
}

/** What an image is checked against. */
export interface ImageRules {
  /** Code that may hold sensitive instructions outside of sites. */
  readonly sensitive: readonly SensitiveCode[];
  /** Given for an image that ring 0 alone runs: all its code may, and why. */
  readonly everywhere?: Pick<SensitiveCode, "name" | "reason">;
  /** Code that may run while sites are rewritten, by symbol: neither it nor what it calls may hold a site. Thunks always belong to it. */
  readonly siteFree?: readonly string[];
}

/**
 * Disassembles the image, stubs and all, and refuses every instruction that is privileged or tells rings apart, unless it is a listed site, stands
 * in the native or virtual body of one, or in code that a layer names. Bytes that are no instruction are refused too: what cannot be read cannot be
 * judged. So are names that nothing in the image answers to, ways into boot code, sites that overlap, and sites where none may be.
 * @throws ImageCheckError with every fault
 */
export function checkImage(image: LinkedImage, rules: ImageRules): ImageReport {
  const references = new References(image);
  const ranges = [...bodyRanges(references), ...rules.sensitive.map((code) => namedRange(code, references))];
  if (rules.everywhere !== undefined) ranges.push({ ...rules.everywhere, holds: () => true });
  const found = new Map<SensitiveRange, SensitivePlace[]>(ranges.map((range) => [range, []]));
  const faults = codeFaults(image, found);
  const say = (message: string): ImageFault => ({ place: null, message: `${image.name}: ${message}` });
  faults.push(
    ...rules.sensitive.flatMap((code) => waysIntoBoot(code, references, image.layout.spec.entry)).map(say),
    ...unusedNames(rules.sensitive, found, references).map(say),
    ...overlaps(image.sites).map(say),
    ...misplacedSites(image, references, rules.siteFree ?? []).map(say),
  );
  if (faults.length > 0) throw new ImageCheckError(faults);
  return reportOf(image, found);
}

/** Sorts the places of sensitive instructions by range; those that none holds are faults. */
function codeFaults(image: LinkedImage, found: ReadonlyMap<SensitiveRange, SensitivePlace[]>): ImageFault[] {
  const faults: ImageFault[] = [];
  const lineOf = lineFinder(image);
  const siteAt = new Map(image.sites.map((site) => [site.address, site]));
  for (const { unit, address } of image.layout.units) {
    if (!isCode(unit.section)) continue;
    for (let at = 0; at < (unit.instructionsEnd ?? unit.code.length);) {
      const site = siteAt.get(address + at);
      if (site !== undefined) {
        at += site.length;
        continue;
      }
      const decoded = decode(unit.code, at, 32);
      if (!decoded.ok) {
        faults.push({ place: null, message: `${image.name}: ${unit.name}+${at} (${hex(address + at)}) is no instruction` });
        break;
      }
      const form = sensitiveForm(decoded.row);
      if (form !== undefined) {
        const place = { address: address + at, symbol: unit.name, section: unit.section, source: lineOf(address + at), row: decoded.row };
        const range = [...found].find(([each]) => each.holds(place));
        const { text } = disassemble(unit.code, at, 32, address + at, "intel");
        if (range !== undefined) range[1].push(place);
        else faults.push({ place, message: `${describe(image, place)}: "${text}" outside of a site (below ring 0: ${form.behaviour})` });
      }
      at += decoded.length;
    }
  }
  return faults;
}

function describe(image: LinkedImage, { address, symbol, source }: SensitivePlace): string {
  const where = `${symbol} (${hex(address)})`;
  return source === null ? `${image.name}: ${where}` : `${source.file}:${source.line}: ${where}`;
}

/** A list of exceptions stays true only when none of them is for nothing. */
function unusedNames(
  sensitive: readonly SensitiveCode[],
  found: ReadonlyMap<SensitiveRange, readonly SensitivePlace[]>,
  references: References,
): string[] {
  return sensitive.flatMap(({ name, runs, functions = [], modules = [], instructions }) => {
    const places = [...found].flatMap(([range, held]) => (range.name === name ? held : []));
    // Boot code names its functions for the sake of the ways into it as well.
    const used = (symbol: string): boolean =>
      runs === "boot" ? references.ownerOf(symbol) !== undefined : places.some((place) => place.symbol === references.ownerOf(symbol));
    const unused = [
      ...functions.filter((symbol) => !used(symbol)).map((symbol) => `the function ${symbol}`),
      ...modules.filter((module) => !places.some(({ source }) => source?.module === module)).map((module) => `the module ${module}`),
      ...instructions
        .filter((mnemonic) => !places.some(({ row }) => row.mnemonic === mnemonic))
        .map((mnemonic) => `instruction ${mnemonic}`),
    ];
    return unused.map((what) => `"${name}" names ${what} for nothing`);
  });
}

/** Two sites that overlap would be patched into one another. */
function overlaps(sites: readonly PlacedSite[]): string[] {
  return sites.flatMap((site, index) => {
    const last = sites[index - 1];
    if (last === undefined || last.address + last.length <= site.address) return [];
    return [`the sites at ${hex(last.address)} and ${hex(site.address)} overlap`];
  });
}

/**
 * Sites in code that may run while sites hold half of either form, or that is begun again by its address (thunks): an NMI's handler, a machine
 * check's, where CPUs park, the patching itself.
 */
function misplacedSites(image: LinkedImage, references: References, siteFree: readonly string[]): string[] {
  const { units } = image.layout;
  const thunks = units.filter(({ unit }) => unit.section.startsWith(".thunks")).map(({ unit }) => unit.name);
  const unknown = siteFree.filter((symbol) => references.ownerOf(symbol) === undefined);
  const reached = references.reachable([...siteFree, ...thunks]);
  return [
    ...unknown.map((symbol) => `no function ${symbol} is there to be free of sites`),
    ...units.flatMap(({ unit }) =>
      reached.has(unit.name)
        ? unit.sites.map(({ operation }) => `a site of ${operation} in ${unit.name}, which may run while sites are rewritten`)
        : [],
    ),
  ];
}

function lineFinder({ lines }: LinkedImage): (address: number) => SourceLine | null {
  return (address) => lines[lastAtMost(lines, (entry) => entry.address, address)]?.source ?? null;
}
