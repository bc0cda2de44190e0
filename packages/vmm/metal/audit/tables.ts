import {
  FINDING_ENTRY, FINDING_HOOKS, FINDING_KERNEL_HALF, FINDING_LOADED, FINDING_USER_SLOT, FINDING_WRITABLE_TABLE, KernelRecord, PAGE_DEFERRED, PAGE_GLOBAL,
  PAGE_LARGE, PAGE_PRESENT, PAGE_USER, PAGE_WRITABLE, SLOT_DIRECT_MAP, SLOT_LEAF_AREA, SLOT_TABLE_WINDOW, SLOT_VMM, VMM_BASE, ZoneRecord,
} from "@mercury/abi/metal";
import { readCr3 } from "@mercury/toolchain/metal";
import { landingDirectory, zoneRecords } from "../symbols";
import { agrees, auditReport, differs } from "./finding";
import { DATA, DEVICE, NO_ZONE_FRAME, TABLE, machineChunk, mappedBytes, typeOfMachine, zoneFrameAt, zoneFrameOf, zoneFrames } from "./recount";

/** Types of a zone record (abi: zoneRecord). */
const LEAF: u32 = 1;
const DIRECTORY: u32 = 2;
/** Accessed and dirty: the processor's to set. */
const HARDWARE_BITS: u32 = 0x60;
const ENTRIES: u32 = 1024;
const MAXIMUM_FRAMES: u32 = 8192;

/** Hooks of each zone frame, counted here. */
const counted: usize = memory.data(16384, 16);
let master: usize = 0;
let reserve: u32 = 0;
/** Records of this epoch count. */
let epoch: u32 = 0;

export function beginTables(record: KernelRecord, presentEpoch: u32): void {
  const frame = zoneFrameOf(record.masterDirectory);
  master = zoneFrameAt(frame);
  reserve = record.vmmReserve;
  epoch = presentEpoch;
  memory.fill(counted, 0, MAXIMUM_FRAMES << 1);
}

function slotOf(table: usize, index: u32): u32 {
  return load<u32>(table + <usize>(index << 2));
}

function recordedType(frame: u32): u32 {
  const record = changetype<ZoneRecord>(zoneRecords() + <usize>(frame << 3));
  return record.epoch == epoch ? record.type : 0;
}

/** What every directory must show of the direct map: data writable, tables read-only, nothing else. */
function directMapSlot(chunk: u32): u32 {
  if (chunk << 22 >= mappedBytes()) return 0;
  const machine = machineChunk(chunk) << 22;
  const type = typeOfMachine(machine);
  const slot = machine | PAGE_PRESENT | PAGE_LARGE | PAGE_GLOBAL;
  return type == DATA ? slot | PAGE_WRITABLE : type == TABLE ? slot : 0;
}

/** The kernel's half of a directory. `virtual`: no window. Slots of the leaf area and the window may be missing: they are copied when touched. */
function kernelHalf(directory: usize, virtual: bool): bool {
  for (let index: u32 = SLOT_DIRECT_MAP; index < ENTRIES; index++) {
    const found = slotOf(directory, index) & ~HARDWARE_BITS;
    const expected = index < SLOT_LEAF_AREA ? directMapSlot(index - SLOT_DIRECT_MAP) : slotOf(master, index) & ~HARDWARE_BITS;
    const window = index >= SLOT_TABLE_WINDOW && index < SLOT_VMM;
    const optional = index >= SLOT_LEAF_AREA && index < SLOT_VMM;
    if (found == 0 && (optional || expected == 0)) continue;
    if (found != expected || (virtual && window)) return differs(FINDING_KERNEL_HALF, <u32>directory + (index << 2), expected, found);
    if ((found & PAGE_USER) != 0) return differs(FINDING_KERNEL_HALF, <u32>directory + (index << 2), 0, found);
  }
  return true;
}

/** The user half of a directory: what is present is a hook on a leaf table. Deferred slots are promises, not hooks. */
function userHalf(directory: usize, virtual: bool): bool {
  for (let index: u32 = 0; index < SLOT_DIRECT_MAP; index++) {
    const slot = slotOf(directory, index);
    const named = (slot & PAGE_PRESENT) != 0 || (!virtual && (slot & PAGE_DEFERRED) != 0);
    if (!named) continue;
    const where = <u32>directory + (index << 2);
    const frame = zoneFrameOf(slot & ~0xfff);
    if ((slot & PAGE_LARGE) != 0 || frame == NO_ZONE_FRAME) return differs(FINDING_USER_SLOT, where, LEAF, slot);
    if (virtual && recordedType(frame) != LEAF) return differs(FINDING_USER_SLOT, where, LEAF, recordedType(frame));
    const cell = counted + <usize>(frame << 1);
    store<u16>(cell, load<u16>(cell) + 1);
  }
  return true;
}

/** Every entry of a leaf table may stand there. */
function leaf(table: usize): bool {
  auditReport().leaves++;
  for (let index: u32 = 0; index < ENTRIES; index++) {
    const entry = slotOf(table, index);
    if ((entry & PAGE_PRESENT) == 0) continue;
    auditReport().entries++;
    const where = <u32>table + (index << 2);
    const type = typeOfMachine(entry);
    if ((entry & (PAGE_GLOBAL | PAGE_LARGE)) != 0) return differs(FINDING_ENTRY, where, 0, entry);
    if (type == TABLE && (entry & PAGE_WRITABLE) != 0) return differs(FINDING_WRITABLE_TABLE, where, 0, entry);
    if (type != DATA && type != DEVICE && type != TABLE) return differs(FINDING_ENTRY, where, type, entry);
  }
  return true;
}

function directory(table: usize, virtual: bool): bool {
  auditReport().directories++;
  return kernelHalf(table, virtual) && userHalf(table, virtual);
}

/** Virtual mode: every recorded directory, then every recorded leaf and its count; CR3 holds one of the directories, or the landing directory. */
export function virtualTables(): bool {
  if (!kernelHalf(landingDirectory(), true) || !landingLeafArea()) return false;
  for (let frame: u32 = 0; frame < zoneFrames(); frame++) {
    if (recordedType(frame) == DIRECTORY && !directory(zoneFrameAt(frame), true)) return false;
  }
  for (let frame: u32 = 0; frame < zoneFrames(); frame++) {
    if (recordedType(frame) == LEAF && !recordedLeaf(frame)) return false;
  }
  return loadedDirectory();
}

/** The landing directory has no user half; what it shows of the leaf area are hooks. */
function landingLeafArea(): bool {
  for (let index: u32 = 0; index < SLOT_DIRECT_MAP; index++) {
    if (slotOf(landingDirectory(), index) != 0) return differs(FINDING_USER_SLOT, <u32>landingDirectory() + (index << 2), 0, slotOf(landingDirectory(), index));
  }
  for (let index: u32 = SLOT_LEAF_AREA; index < SLOT_TABLE_WINDOW; index++) {
    const slot = slotOf(landingDirectory(), index);
    if ((slot & PAGE_PRESENT) == 0) continue;
    const cell = counted + <usize>(zoneFrameOf(slot & ~0xfff) << 1);
    store<u16>(cell, load<u16>(cell) + 1);
  }
  return true;
}

function recordedLeaf(frame: u32): bool {
  const record = changetype<ZoneRecord>(zoneRecords() + <usize>(frame << 3));
  return agrees(FINDING_HOOKS, frame, load<u16>(counted + <usize>(frame << 1)), record.hooks) && leaf(zoneFrameAt(frame));
}

function loadedDirectory(): bool {
  const machine = readCr3() & ~0xfff;
  if (machine == reserve + <u32>(landingDirectory() - VMM_BASE)) return true;
  const frame = zoneFrameOf(machine);
  if (frame == NO_ZONE_FRAME) return differs(FINDING_LOADED, 0, DIRECTORY, machine);
  return agrees(FINDING_LOADED, frame, DIRECTORY, recordedType(frame));
}

/** Native mode: nothing is recorded, so directories are found by their kernel half, and leaves through them. */
export function nativeTables(): bool {
  const mark = slotOf(master, SLOT_DIRECT_MAP) & ~HARDWARE_BITS;
  for (let frame: u32 = 0; frame < zoneFrames(); frame++) {
    const table = zoneFrameAt(frame);
    if ((slotOf(table, SLOT_DIRECT_MAP) & ~HARDWARE_BITS) == mark && !directory(table, false)) return false;
  }
  for (let frame: u32 = 0; frame < zoneFrames(); frame++) {
    if (load<u16>(counted + <usize>(frame << 1)) != 0 && !leaf(zoneFrameAt(frame))) return false;
  }
  const loaded = zoneFrameOf(readCr3() & ~0xfff);
  if (loaded == NO_ZONE_FRAME) return differs(FINDING_LOADED, 0, DIRECTORY, readCr3());
  return agrees(FINDING_LOADED, loaded, mark, slotOf(zoneFrameAt(loaded), SLOT_DIRECT_MAP) & ~HARDWARE_BITS);
}
