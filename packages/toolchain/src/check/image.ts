import { decode, disassemble, type Row, sensitiveForm } from "@mercury/isa";
import { hex } from "../link/errors.ts";
import type { LinkedImage } from "../link/image.ts";
import type { SourceLine } from "../link/spec.ts";
import { isCode } from "../link/symbols.ts";
import { lastAtMost } from "../search.ts";
import type { PlacedSite } from "../sites/table.ts";

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

export interface ImageFault {
  readonly place: SensitivePlace | null;
  readonly message: string;
}

/**
 * Disassembles the image and refuses every instruction that is privileged or tells rings apart, unless it is a listed site or `allowed` says
 * that it may stand where it does. Bytes that are no instruction are refused too: what cannot be read cannot be judged.
 * @throws ImageCheckError with every fault
 */
export function checkImage(image: LinkedImage, allowed: (place: SensitivePlace) => boolean): void {
  const faults = [...codeFaults(image, allowed), ...siteFaults(image)];
  if (faults.length > 0) throw new ImageCheckError(faults);
}

function codeFaults(image: LinkedImage, allowed: (place: SensitivePlace) => boolean): readonly ImageFault[] {
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
      const place = { address: address + at, symbol: unit.name, section: unit.section, source: lineOf(address + at), row: decoded.row };
      const form = sensitiveForm(decoded.row);
      if (form !== undefined && !allowed(place)) {
        const { text } = disassemble(unit.code, at, 32, address + at, "intel");
        faults.push({ place, message: `${describe(image, place)}: "${text}" outside of a site (below ring 0: ${form.behaviour})` });
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

/** Two sites that overlap would be patched into one another. */
function siteFaults(image: LinkedImage): ImageFault[] {
  const faults: ImageFault[] = [];
  let last: PlacedSite | null = null;
  for (const site of image.sites) {
    if (last !== null && last.address + last.length > site.address) {
      faults.push({ place: null, message: `${image.name}: the sites at ${hex(last.address)} and ${hex(site.address)} overlap` });
    }
    last = site;
  }
  return faults;
}

function lineFinder({ lines }: LinkedImage): (address: number) => SourceLine | null {
  return (address) => lines[lastAtMost(lines, (entry) => entry.address, address)]?.source ?? null;
}
