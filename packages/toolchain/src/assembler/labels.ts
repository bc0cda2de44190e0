import { encode, type Mnemonic } from "@mercury/isa";
import type { Relocation, SiteUse } from "../object.ts";

/** A place in one procedure, bound once, named by branches before or after. */
export class Label {
  readonly kind = "label";
  /** The procedure that the label belongs to. */
  readonly procedure: string;

  constructor(procedure: string) {
    this.procedure = procedure;
  }
}

/** Machine code whose length is known, with offsets from its own start. */
interface BytesItem {
  readonly kind: "bytes";
  readonly bytes: Uint8Array;
  readonly relocations: readonly Relocation[];
  /** 32-bit fields that hold the address of a label. */
  readonly labelFields: readonly LabelField[];
  readonly sites: readonly SiteUse[];
}

interface LabelField {
  readonly offset: number;
  readonly label: Label;
  readonly kind: "absolute" | "physical";
}

/** A branch to a label, short until it turns out not to reach. */
interface BranchItem {
  readonly kind: "branch";
  readonly mnemonic: Mnemonic;
  readonly label: Label;
  readonly bits: 16 | 32;
}

/** Fill up to a multiple of `alignment`. */
interface AlignItem {
  readonly kind: "align";
  readonly alignment: number;
  readonly fill: number;
}

/** Something that stands here and takes no bytes: a label, or a global name. */
interface MarkItem {
  readonly kind: "mark";
  readonly mark: Label | string;
}

export type Item = BytesItem | BranchItem | AlignItem | MarkItem;

/** A procedure with every branch decided. */
export interface Assembled {
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
  readonly sites: readonly SiteUse[];
  /** Global names inside the procedure. */
  readonly entries: readonly { readonly name: string; readonly offset: number }[];
}

/** Branches that have only a short form (SDM 2A LOOP, JCXZ), and CALL, which has only a near one. */
const shortOnly: ReadonlySet<Mnemonic> = new Set(["loop", "loope", "loopz", "loopne", "loopnz", "jcxz", "jecxz"]);

/** Gives every item its place, taking the short form of each branch that reaches (starting short, growing until nothing changes). */
export function resolveItems(procedure: string, items: readonly Item[]): Assembled {
  const near = new Set<Item>(items.filter((item) => item.kind === "branch" && item.mnemonic === "call"));
  let starts = placeItems(items, near);
  for (let grown = true; grown; starts = placeItems(items, near)) grown = growBranches(procedure, items, starts, near);
  return writeItems(procedure, items, starts, near);
}

/** Start offset of every item, and last the end. */
function placeItems(items: readonly Item[], near: ReadonlySet<Item>): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const item of items) {
    starts.push(at);
    at += itemLength(item, at, near);
  }
  starts.push(at);
  return starts;
}

function itemLength(item: Item, at: number, near: ReadonlySet<Item>): number {
  switch (item.kind) {
    case "bytes":
      return item.bytes.length;
    case "branch":
      return branchBytes(item, near.has(item), 0).length;
    case "align":
      return -at & (item.alignment - 1);
    case "mark":
      return 0;
  }
}

function growBranches(procedure: string, items: readonly Item[], starts: readonly number[], near: Set<Item>): boolean {
  const offsets = labelOffsets(items, starts);
  let grown = false;
  items.forEach((item, index) => {
    if (item.kind !== "branch" || near.has(item)) return;
    const distance = targetOf(procedure, item.label, offsets) - at(starts, index + 1);
    if (distance >= -128 && distance <= 127) return;
    if (shortOnly.has(item.mnemonic))
      throw new RangeError(`${procedure}: ${item.mnemonic} does not reach its label (${distance} bytes away)`);
    near.add(item);
    grown = true;
  });
  return grown;
}

function labelOffsets(items: readonly Item[], starts: readonly number[]): ReadonlyMap<Label, number> {
  const offsets = new Map<Label, number>();
  items.forEach((item, index) => {
    if (item.kind === "mark" && typeof item.mark !== "string") offsets.set(item.mark, at(starts, index));
  });
  return offsets;
}

function targetOf(procedure: string, label: Label, offsets: ReadonlyMap<Label, number>): number {
  const offset = offsets.get(label);
  if (offset !== undefined) return offset;
  const reason =
    label.procedure === procedure ? "that is never bound" : `of procedure "${label.procedure}"; name it by entry() and symbol()`;
  throw new RangeError(`${procedure}: refers to a label ${reason}`);
}

function writeItems(procedure: string, items: readonly Item[], starts: readonly number[], near: ReadonlySet<Item>): Assembled {
  const code = new Uint8Array(at(starts, items.length));
  const offsets = labelOffsets(items, starts);
  const relocations: Relocation[] = [];
  const sites: SiteUse[] = [];
  const entries: { name: string; offset: number }[] = [];
  items.forEach((item, index) => {
    const start = at(starts, index);
    if (item.kind === "align") code.fill(item.fill, start, at(starts, index + 1));
    if (item.kind === "mark" && typeof item.mark === "string") entries.push({ name: item.mark, offset: start });
    if (item.kind === "branch") {
      const distance = targetOf(procedure, item.label, offsets) - at(starts, index + 1);
      code.set(branchBytes(item, near.has(item), distance), start);
    }
    if (item.kind !== "bytes") return;
    code.set(item.bytes, start);
    relocations.push(...item.relocations.map((relocation) => ({ ...relocation, offset: relocation.offset + start })));
    sites.push(...item.sites.map((site) => ({ ...site, offset: site.offset + start })));
    for (const { offset, label, kind } of item.labelFields) {
      relocations.push({ offset: offset + start, kind, target: procedure, addend: targetOf(procedure, label, offsets) });
    }
  });
  return { code, relocations, sites, entries };
}

function branchBytes(item: BranchItem, near: boolean, displacement: number): Uint8Array {
  const size = near ? item.bits : 8;
  return encode(item.mnemonic, [{ kind: "relative", size, displacement }], { bits: item.bits }).bytes;
}

function at(starts: readonly number[], index: number): number {
  const start = starts[index];
  if (start === undefined) throw new RangeError(`no item ${index}`);
  return start;
}
