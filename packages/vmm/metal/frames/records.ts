import { DIRECT_MAP_BASE, PAGE_SIZE, ZONE_BASE, ZoneRecord } from "@mercury/abi/metal";
import { zoneFrames } from "../domains/facts";
import { zoneRecords } from "../symbols";
import { pseudoOf } from "./chunks";

/** Types of a zone frame (abi: zoneRecord). */
export const TYPE_NONE: u32 = 0;
export const TYPE_LEAF: u32 = 1;
export const TYPE_DIRECTORY: u32 = 2;

/** What locates no zone frame. */
export const NO_FRAME: u32 = 0xffffffff;
/** Frames for which there are records: a 64th of 2 GB. */
export const MAXIMUM_FRAMES: u32 = 8192;
const FRAME_SHIFT: u32 = 12;
const MAXIMUM_HOOKS: u32 = 0xffff;

/** Records of another epoch say nothing: that is how attach forgets all types at once. 0 is the epoch of records never written. */
let epoch: u32 = 0;

/** A new epoch; when the counter comes round, old records are wiped, so that none of them looks new. */
export function startEpoch(): void {
  epoch++;
  if (epoch != 0) return;
  memory.fill(zoneRecords(), 0, MAXIMUM_FRAMES * offsetof<ZoneRecord>());
  epoch = 1;
}

export function currentEpoch(): u32 {
  return epoch;
}

function record(frame: u32): ZoneRecord {
  return changetype<ZoneRecord>(zoneRecords() + <usize>(frame << 3));
}

export function typeOf(frame: u32): u32 {
  const at = record(frame);
  return at.epoch == epoch ? at.type : TYPE_NONE;
}

export function setType(frame: u32, type: u32): void {
  const at = record(frame);
  at.epoch = epoch;
  at.type = <u8>type;
  at.hooks = 0;
}

/** Directory slots that name the leaf table. */
export function hooksOf(frame: u32): u32 {
  const at = record(frame);
  return at.epoch == epoch ? at.hooks : 0;
}

/** One more hook on a leaf table; false when the count is full. */
export function addHook(frame: u32): bool {
  const at = record(frame);
  if (at.hooks == MAXIMUM_HOOKS) return false;
  at.hooks++;
  return true;
}

export function dropHook(frame: u32): void {
  record(frame).hooks--;
}

/** Zone frame of a machine address, or NO_FRAME. */
export function frameOfMachine(machine: u32): u32 {
  const frame = (pseudoOf(machine) - <u32>ZONE_BASE) >> FRAME_SHIFT;
  return frame < zoneFrames ? frame : NO_FRAME;
}

/** Zone frame that the direct map shows at a linear address, or NO_FRAME. */
export function frameOfLinear(linear: u32): u32 {
  const frame = (linear - <u32>(DIRECT_MAP_BASE + ZONE_BASE)) >> FRAME_SHIFT;
  return frame < zoneFrames ? frame : NO_FRAME;
}

/** Where the direct map shows a zone frame. */
export function linearOf(frame: u32): usize {
  return DIRECT_MAP_BASE + ZONE_BASE + <usize>frame * PAGE_SIZE;
}
