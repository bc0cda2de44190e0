import type { Core } from "../cpu/core.ts";
import { raise, vector } from "../cpu/exceptions.ts";
import { access } from "../cpu/imports.ts";
import { trapLater } from "../cpu/system/debug-registers.ts";
import { record } from "../interpreter/record.ts";
import { at, segmentSize, SS } from "../state/layout.ts";
import { FRAME_SIZE, tlb } from "../state/memory.ts";
import { error } from "./entry.ts";
import { checksAlignment, entryAddress, fillTlb, tlbIndex, tlbOf } from "./tlb.ts";
import { walk } from "./walk.ts";

/** How the host's own accesses on behalf of instructions are made; the bits of `access` in imports.ts plus these. */
export const how = {
  /** By the current privilege level. */
  normal: 0,
  /** To descriptor tables and task-state segments: with supervisor rights whatever CPL is (SDM 3A 4.6.1). */
  system: 256,
  /** Parts of an operand whose alignment has been looked at. */
  part: 512,
} as const;

/** The host address of memory outside RAM. */
const NOT_RAM = -1;
/** Physical address of what `locate` found outside RAM. */
let outside = 0;

/** Host address of a byte, or NOT_RAM; raises #PF. */
function locate(core: Core, linear: number, write: boolean, mode: number): number {
  const index = (mode & how.system) !== 0 ? 0 : tlbIndex(core);
  const entry = entryAddress(index, linear);
  if (core.memory.word(entry + (write ? tlb.write : tlb.read)) === (linear & -FRAME_SIZE))
    return (linear + core.memory.word(entry + tlb.addend)) >>> 0;
  return translate(core, index, linear, write ? error.W : 0);
}

/** Walks the tables and fills the TLB; `kind` is W or I of `error`, or 0 for a read. */
function translate(core: Core, index: number, linear: number, kind: number): number {
  const { memory } = core;
  const translation = walk(core, linear, kind | (index >= 2 ? error.U : 0));
  const { physical } = translation;
  if (physical >= memory.ramSize) {
    outside = physical;
    return NOT_RAM;
  }
  const host = memory.ramBase + physical;
  // Host addresses reach beyond 2^31.
  fillTlb(core, index, linear, (host & -FRAME_SIZE) >>> 0, translation);
  return host;
}

/** Host address of code, for the decoder; raises #PF. NOT_RAM becomes undefined. */
export function locateCode(core: Core, linear: number): number | undefined {
  const { memory } = core;
  const index = tlbIndex(core);
  const entry = entryAddress(index, linear);
  if (memory.word(entry + tlb.execute) === (linear & -FRAME_SIZE)) return (linear + memory.word(entry + tlb.addend)) >>> 0;
  const host = translate(core, index, linear, error.I);
  return host === NOT_RAM ? undefined : host;
}

/** A byte of code wherever it is; raises #PF. */
export function readCodeByte(core: Core, linear: number): number {
  const host = locateCode(core, linear);
  return host === undefined ? core.bus.readMemory(outside, 1) : core.memory.read(host, 1);
}

/** The end of flat segments, which the fast path leaves to the TLB's contents. */
export function checkFlatLimit(core: Core, linear: number, mode: number): void {
  const limit = core.state.get(at.flatLimit + tlbOf(core.cpl) * 4) >>> 0;
  const first = linear >>> 0;
  const last = first + (mode & access.sizeMask) - 1;
  // A segment of 4 GB has no end: addresses wrap.
  if (last <= limit || limit === 0xffffffff) return;
  raiseSegmentFault(core, mode);
}

/** #SS for the stack segment, #GP for the others (SDM 3A 6.15, interrupts 12 and 13). */
function raiseSegmentFault(core: Core, mode: number): never {
  return raise(core, usesStackSegment(core, mode) ? vector.SS : vector.GP, 0);
}

function usesStackSegment(core: Core, mode: number): boolean {
  if ((mode & access.stack) !== 0) return true;
  if ((mode & access.destination) !== 0 || core.record === 0) return false;
  return core.memory.word(core.record + record.segment) === stackCache(core);
}

const stackCache = (core: Core): number => core.state.base + at.segments + SS * segmentSize;

const crosses = (linear: number, size: number): boolean => (linear & (FRAME_SIZE - 1)) + size > FRAME_SIZE;

/** The first byte of the next page: what CR2 shows when the second part of an access faults. */
const secondPage = (linear: number): number => ((linear | (FRAME_SIZE - 1)) + 1) | 0;

/** #AC for an address that is no multiple of `size`, where alignment is checked (SDM 3A 6.15, interrupt 17, table 6-7). */
export function requireAlignment(core: Core, linear: number, size: number): void {
  if ((linear & (size - 1)) !== 0 && checksAlignment(core)) raise(core, vector.AC, 0);
}

/** Alignment checks, and data breakpoints of an access that is possible. What needs them is in no TLB and so comes here. */
function inspect(core: Core, linear: number, mode: number, write: boolean, ...kinds: readonly ("write" | "access")[]): void {
  if (!core.breakpoints.watching && !checksAlignment(core)) return;
  const size = mode & access.sizeMask;
  // The manual leaves open which comes first; Bochs checks before it translates.
  if ((mode & (how.system | how.part)) === 0) requireAlignment(core, linear, size);
  locate(core, linear, write, mode);
  if (crosses(linear, size)) locate(core, secondPage(linear), write, mode);
  const bits = core.breakpoints.hits(linear, size, ...kinds);
  const watchpoint = core.breakpoints.watchedBy(linear, size, write);
  if (bits === 0 && watchpoint === undefined) return;
  core.requireBlockEnd();
  core.watched ??= watchpoint;
  trapLater(core, bits);
}

/** Reads 1, 2 or 4 bytes at a linear address; zero-extended, 4 bytes signed. */
export function readMemory(core: Core, linear: number, mode: number): number {
  if ((mode & access.flat) !== 0) checkFlatLimit(core, linear, mode);
  inspect(core, linear, mode, false, "access");
  const size = mode & access.sizeMask;
  if (crosses(linear, size)) return readBytes(core, linear, size, mode, false);
  const host = locate(core, linear, false, mode);
  return host === NOT_RAM ? readOutside(core, outside, size) : core.memory.read(host, size);
}

/** As `readMemory`, but faults as a write would. */
export function readForUpdate(core: Core, linear: number, mode: number): number {
  if ((mode & access.flat) !== 0) checkFlatLimit(core, linear, mode);
  inspect(core, linear, mode, true, "access");
  const size = mode & access.sizeMask;
  if (crosses(linear, size)) return readBytes(core, linear, size, mode, true);
  const host = locate(core, linear, true, mode);
  return host === NOT_RAM ? readOutside(core, outside, size) : core.memory.read(host, size);
}

export function writeMemory(core: Core, linear: number, value: number, mode: number): void {
  if ((mode & access.flat) !== 0) checkFlatLimit(core, linear, mode);
  inspect(core, linear, mode, true, "write", "access");
  const size = mode & access.sizeMask;
  if (crosses(linear, size)) {
    writeBytes(core, linear, value, size, mode);
    return;
  }
  const host = locate(core, linear, true, mode);
  if (host === NOT_RAM) writeOutside(core, outside, size, value);
  else writeRam(core, host, size, value);
}

/** Raises what an access to `size` bytes would raise, and does nothing else. */
export function probe(core: Core, linear: number, size: number, write: boolean, mode: number): void {
  locate(core, linear, write, mode);
  if (crosses(linear, size)) locate(core, secondPage(linear), write, mode);
}

/** Raises what a write of `size` bytes would raise, and writes nothing. */
export function probeWrite(core: Core, linear: number, size: number, mode: number): void {
  probe(core, linear, size, true, mode);
}

function writeRam(core: Core, host: number, size: number, value: number): void {
  // Code that is about to be overwritten must not go on running; the write itself is done when it is safe.
  if (core.code?.invalidate(host, size) === true) {
    core.requireBlockEnd();
    // A repeated instruction that overwrites itself is decoded anew before its next iteration.
    core.setBudget(0);
  }
  core.memory.write(host, size, value);
}

function readOutside(core: Core, physical: number, size: number): number {
  core.requireBlockEnd();
  return core.bus.readMemory(physical, size as 1 | 2 | 4);
}

function writeOutside(core: Core, physical: number, size: number, value: number): void {
  core.requireBlockEnd();
  const unsigned = size === 4 ? value >>> 0 : value & (size === 2 ? 0xffff : 0xff);
  core.bus.writeMemory(physical, size as 1 | 2 | 4, unsigned);
}

/** Both pages are translated before the first byte is read. */
function readBytes(core: Core, linear: number, size: number, mode: number, write: boolean): number {
  locate(core, linear, write, mode);
  locate(core, secondPage(linear), write, mode);
  let value = 0;
  for (let byte = 0; byte < size; byte++) {
    const host = locate(core, (linear + byte) | 0, write, mode);
    const part = host === NOT_RAM ? readOutside(core, outside, 1) : core.memory.read(host, 1);
    value |= part << (byte * 8);
  }
  return value;
}

function writeBytes(core: Core, linear: number, value: number, size: number, mode: number): void {
  probeWrite(core, linear, size, mode);
  for (let byte = 0; byte < size; byte++) {
    const host = locate(core, (linear + byte) | 0, true, mode);
    if (host === NOT_RAM) core.requireBlockEnd();
    else if (core.code?.invalidate(host, 1) === true) core.requireBlockEnd();
  }
  for (let byte = 0; byte < size; byte++) {
    const host = locate(core, (linear + byte) | 0, true, mode);
    const part = (value >>> (byte * 8)) & 0xff;
    if (host === NOT_RAM) writeOutside(core, outside, 1, part);
    else writeRam(core, host, 1, part);
  }
}

/** A descriptor-table or task-state read. */
export const readSystem = (core: Core, linear: number, size: number): number => readMemory(core, linear | 0, size | how.system);
export const writeSystem = (core: Core, linear: number, value: number, size: number): void =>
  writeMemory(core, linear | 0, value, size | how.system);
