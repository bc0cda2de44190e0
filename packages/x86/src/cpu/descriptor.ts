import { readSystem, writeSystem } from "../mmu/access.ts";
import { at, LDTR, segment } from "../state/layout.ts";
import type { Core } from "./core.ts";
import { raise } from "./exceptions.ts";

/** A descriptor as it stands in the GDT, LDT or IDT (SDM 3A 3.4.5 and 3.5). */
export interface Descriptor {
  /** Linear address of its eight bytes. */
  readonly address: number;
  readonly low: number;
  readonly high: number;
}

/** Types of system descriptors (SDM 3A table 3-2). */
export const systemType = {
  tss16: 1,
  ldt: 2,
  busyTss16: 3,
  callGate16: 4,
  taskGate: 5,
  interruptGate16: 6,
  trapGate16: 7,
  tss32: 9,
  busyTss32: 11,
  callGate32: 12,
  interruptGate32: 14,
  trapGate32: 15,
} as const;

/** Bits of a selector, or of an error code that names one. */
export const selectorIndex = (selector: number): number => selector & 0xfff8;
export const errorCodeOf = (selector: number): number => selector & 0xfffc;
export const rplOf = (selector: number): number => selector & 3;
export const isNull = (selector: number): boolean => (selector & 0xfffc) === 0;
const TABLE_INDICATOR = 4;

const bit = (descriptor: Descriptor, number: number): boolean => ((descriptor.high >>> number) & 1) !== 0;

/** The four type bits; of system descriptors a value of `systemType`. */
export const typeOf = (descriptor: Descriptor): number => (descriptor.high >>> 8) & 15;
export const dplOf = (descriptor: Descriptor): number => (descriptor.high >>> 13) & 3;
export const isPresent = (descriptor: Descriptor): boolean => bit(descriptor, 15);
/** S = 0: not code or data. */
export const isSystem = (descriptor: Descriptor): boolean => !bit(descriptor, 12);
export const isCode = (descriptor: Descriptor): boolean => bit(descriptor, 12) && bit(descriptor, 11);
export const isData = (descriptor: Descriptor): boolean => bit(descriptor, 12) && !bit(descriptor, 11);
export const isConforming = (descriptor: Descriptor): boolean => isCode(descriptor) && bit(descriptor, 10);
export const isReadable = (descriptor: Descriptor): boolean => isData(descriptor) || (isCode(descriptor) && bit(descriptor, 9));
export const isWritable = (descriptor: Descriptor): boolean => isData(descriptor) && bit(descriptor, 9);
export const isExpandDown = (descriptor: Descriptor): boolean => isData(descriptor) && bit(descriptor, 10);
/** D of code, B of stacks. */
export const isBig = (descriptor: Descriptor): boolean => bit(descriptor, 22);

export function baseOf({ low, high }: Descriptor): number {
  return (low >>> 16) | ((high & 0xff) << 16) | (high & 0xff000000);
}

/** The limit in bytes, as an unsigned number. */
export function limitOf(descriptor: Descriptor): number {
  const raw = (descriptor.low & 0xffff) | (descriptor.high & 0xf0000);
  return bit(descriptor, 23) ? ((raw << 12) | 0xfff) >>> 0 : raw;
}

/**
 * Lowest and highest valid offset. Expand-down segments hold the offsets above the limit (SDM 3A 5.3); with the highest limit there
 * are none, which low > high says.
 */
export function rangeOf(descriptor: Descriptor): { readonly low: number; readonly high: number } {
  const limit = limitOf(descriptor);
  if (!isExpandDown(descriptor)) return { low: 0, high: limit };
  const top = isBig(descriptor) ? 0xffffffff : 0xffff;
  return limit >= top ? { low: 1, high: 0 } : { low: limit + 1, high: top };
}

/** Of a gate: where it leads. */
export const gateSelector = (gate: Descriptor): number => gate.low >>> 16;
export function gateOffset(gate: Descriptor): number {
  const wide = typeOf(gate) >= systemType.tss32;
  return wide ? (gate.low & 0xffff) | (gate.high & 0xffff0000) : gate.low & 0xffff;
}

/** A descriptor by selector, or undefined when the selector points outside its table. */
export function findDescriptor(core: Core, selector: number): Descriptor | undefined {
  const { state } = core;
  const local = (selector & TABLE_INDICATOR) !== 0;
  const base = local ? core.segment(LDTR, segment.base) : state.get(at.gdtBase);
  const limit = local ? localLimit(core) : state.get(at.gdtLimit);
  const offset = selectorIndex(selector);
  if (offset + 7 > limit) return undefined;
  return readDescriptor(core, (base + offset) | 0);
}

/** An LDTR that holds a null selector has no entries. */
function localLimit(core: Core): number {
  return isNull(core.segment(LDTR, segment.selector)) ? -1 : core.segment(LDTR, segment.limit) >>> 0;
}

export function readDescriptor(core: Core, address: number): Descriptor {
  return { address, low: readSystem(core, address, 4), high: readSystem(core, (address + 4) | 0, 4) };
}

/** A descriptor by selector; outside its table raises `vector` with the selector, plus EXT. */
export function requireDescriptor(core: Core, selector: number, vector: number, external = 0): Descriptor {
  return findDescriptor(core, selector) ?? raise(core, vector, errorCodeOf(selector) | external);
}

/** Sets the accessed bit of a code or data descriptor that is loaded (SDM 3A 3.4.5.1). */
export function markAccessed(core: Core, descriptor: Descriptor): Descriptor {
  if (bit(descriptor, 8)) return descriptor;
  const high = descriptor.high | 0x100;
  writeSystem(core, (descriptor.address + 4) | 0, high, 4);
  return { ...descriptor, high };
}
