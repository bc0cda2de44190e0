import { flushTlb, tlbAddress, tlbIndex, tlbOf } from "../mmu/tlb.ts";
import { at, cr0, cr4, CS, DS, eflags, ES, FS, GS, mode, segment, SS, unavailable } from "../state/layout.ts";
import type { Core } from "./core.ts";
import {
  baseOf,
  dplOf,
  errorCodeOf,
  isCode,
  isConforming,
  isNull,
  isPresent,
  isReadable,
  isSystem,
  isWritable,
  limitOf,
  markAccessed,
  rangeOf,
  requireDescriptor,
  rplOf,
  type Descriptor,
} from "./descriptor.ts";
import { raise, raiseGeneral, vector } from "./exceptions.ts";

const READABLE = 1;
const WRITABLE = 2;

/** Real mode, or virtual-8086 mode: a selector is a paragraph. */
export function segmentsAreParagraphs(core: Core): boolean {
  return (core.state.get(at.cr0) & cr0.PE) === 0 || isVirtual8086(core);
}

export function isVirtual8086(core: Core): boolean {
  return (core.state.get(at.eflags) & eflags.VM) !== 0;
}

/** Fills a segment cache from a descriptor that has passed its checks. `updateMode` has to follow. */
export function cacheSegment(core: Core, number: number, selector: number, descriptor: Descriptor): void {
  const { low, high } = rangeOf(descriptor);
  core.setSegment(number, segment.selector, selector);
  core.setSegment(number, segment.base, baseOf(descriptor));
  core.setSegment(number, segment.limit, limitOf(descriptor));
  core.setSegment(number, segment.low, low);
  core.setSegment(number, segment.high, high);
  core.setSegment(number, segment.rights, (isReadable(descriptor) ? READABLE : 0) | (isWritable(descriptor) ? WRITABLE : 0));
  core.setSegment(number, segment.attributes, (descriptor.high >>> 8) & 0xf0ff);
}

/** A null selector: every access through it faults. */
export function cacheNull(core: Core, number: number, selector: number): void {
  core.setSegment(number, segment.selector, selector);
  core.setSegment(number, segment.base, 0);
  core.setSegment(number, segment.limit, 0);
  core.setSegment(number, segment.low, 1);
  core.setSegment(number, segment.high, 0);
  core.setSegment(number, segment.rights, 0);
  core.setSegment(number, segment.attributes, 0);
}

/** Access byte of segments in virtual-8086 mode: present, DPL 3, data, writable, accessed (SDM 3B 20.2). */
const VIRTUAL_8086_DATA = 0xf3;

/** Real mode changes selector and base only; virtual-8086 mode sets everything (SDM 3B 20.1.1, 20.2). */
export function cacheParagraph(core: Core, number: number, selector: number): void {
  core.setSegment(number, segment.selector, selector);
  core.setSegment(number, segment.base, selector << 4);
  if (!isVirtual8086(core)) return;
  core.setSegment(number, segment.limit, 0xffff);
  core.setSegment(number, segment.low, 0);
  core.setSegment(number, segment.high, 0xffff);
  core.setSegment(number, segment.rights, READABLE | WRITABLE);
  core.setSegment(number, segment.attributes, VIRTUAL_8086_DATA);
}

/** MOV, POP and LxS to a segment register other than CS. */
export function loadSegment(core: Core, number: number, selector: number): void {
  if (segmentsAreParagraphs(core)) cacheParagraph(core, number, selector);
  else if (number === SS) loadStackSegment(core, selector);
  else loadDataSegment(core, number, selector);
  updateMode(core);
}

/** Checks of SDM 2B "MOV", protected mode exceptions, for DS, ES, FS and GS. */
export function loadDataSegment(core: Core, number: number, selector: number, faultVector: number = vector.GP): void {
  if (isNull(selector)) {
    cacheNull(core, number, selector);
    return;
  }
  const descriptor = requireDescriptor(core, selector, faultVector);
  const code = errorCodeOf(selector);
  if (isSystem(descriptor) || !isReadable(descriptor)) raise(core, faultVector, code);
  const privileged = Math.max(core.cpl, rplOf(selector)) > dplOf(descriptor);
  if (privileged && !isConforming(descriptor)) raise(core, faultVector, code);
  if (!isPresent(descriptor)) raise(core, vector.NP, code);
  cacheSegment(core, number, selector, markAccessed(core, descriptor));
}

function loadStackSegment(core: Core, selector: number): void {
  const descriptor = checkStackSegment(core, selector, core.cpl, vector.GP, 0);
  cacheSegment(core, SS, selector, markAccessed(core, descriptor));
}

/** A stack segment for privilege `level`; what is wrong raises `faultVector`, absence #SS. `external` is EXT. */
export function checkStackSegment(core: Core, selector: number, level: number, faultVector: number, external: number): Descriptor {
  if (isNull(selector)) raise(core, faultVector, external);
  const code = errorCodeOf(selector) | external;
  const descriptor = requireDescriptor(core, selector, faultVector, external);
  if (rplOf(selector) !== level || dplOf(descriptor) !== level || !isWritable(descriptor)) raise(core, faultVector, code);
  if (!isPresent(descriptor)) raise(core, vector.SS, code);
  return descriptor;
}

/** After a return to an outer level: what that level may not use becomes null (SDM 3A 5.8.6). */
export function dropPrivilegedSegments(core: Core): void {
  for (const number of [ES, FS, GS, DS]) {
    const attributes = core.segment(number, segment.attributes);
    const dpl = (attributes >>> 5) & 3;
    const conforming = (attributes & 0x1c) === 0x1c;
    if (!conforming && dpl < core.cpl) cacheNull(core, number, 0);
  }
}

/** Loads CS with a descriptor that has passed its checks; RPL becomes `level`, the new CPL. */
export function loadCodeSegment(core: Core, selector: number, descriptor: Descriptor, level: number): void {
  if (!isCode(descriptor)) raiseGeneral(core, errorCodeOf(selector));
  cacheSegment(core, CS, (selector & 0xfffc) | level, markAccessed(core, descriptor));
  core.state.set(at.cpl, level);
}

/** Base 0, both rights, starts at 0, ends with a page. */
function canBeFlat(core: Core, number: number): boolean {
  const high = core.segment(number, segment.high);
  const wholePages = (high & 0xfff) === 0xfff;
  return (
    wholePages &&
    core.segment(number, segment.base) === 0 &&
    core.segment(number, segment.low) === 0 &&
    core.segment(number, segment.rights) === 3
  );
}

/**
 * Derives what decoded code and the TLB depend on. Must follow every change of a segment, CPL, CR0.PE or EFLAGS.VM.
 * The stack segment sets the flat limit of its privilege level's TLB; data segments with the same limit share it.
 */
export function updateMode(core: Core): void {
  const { state } = core;
  const index = tlbOf(core.cpl);
  const flatLimit = at.flatLimit + index * 4;
  state.set(at.tlb, tlbAddress(tlbIndex(core)));
  let bits = 0;
  const big = (number: number): boolean => (core.segment(number, segment.attributes) & 0x4000) !== 0;
  if (big(CS)) bits |= mode.code32;
  if (big(SS)) bits |= mode.stack32;
  if (canBeFlat(core, SS)) {
    bits |= mode.flatSS;
    const limit = core.segment(SS, segment.high);
    if (limit !== state.get(flatLimit)) {
      flushTlb(core, index);
      state.set(flatLimit, limit);
    }
  }
  const shares = (number: number): boolean => canBeFlat(core, number) && core.segment(number, segment.high) === state.get(flatLimit);
  if (shares(DS)) bits |= mode.flatDS;
  if (shares(ES)) bits |= mode.flatES;
  const pagedCode = (core.segment(CS, segment.base) & 0xfff) === 0 && (core.segment(CS, segment.high) & 0xfff) === 0xfff;
  if (pagedCode) bits |= mode.pagedCS;
  if (segmentsAreParagraphs(core)) bits |= mode.segmentsAreParagraphs;
  state.set(at.mode, bits);
  state.set(at.unavailable, unavailableRegisters(core));
}

/** SDM 3A 12.1 and 13.1: MMX needs EM and TS to be 0, SSE also needs OSFXSR. */
function unavailableRegisters(core: Core): number {
  if ((core.state.get(at.cr0) & (cr0.EM | cr0.TS)) !== 0) return unavailable.mmx | unavailable.xmm;
  return (core.state.get(at.cr4) & cr4.OSFXSR) === 0 ? unavailable.xmm : 0;
}
