import {
  CHUNK_SIZE, DIRECT_MAP_SIZE, PAGE_GLOBAL, PAGE_LARGE, PAGE_PRESENT, PAGE_SIZE, PAGE_WRITABLE, SLOT_DIRECT_MAP, SLOT_LEAF_AREA,
  SLOT_TABLE_WINDOW, SLOT_VMM, ZONE_BASE,
} from "@mercury/abi/metal";
import { writeCr3 } from "@mercury/toolchain/metal";
import { linear } from "../mm/frames";
import { machineOf } from "../mm/machine";
import { MemoryPlan } from "./plan";

/**
 * The master directory, first frame of the zone: what every address space has in its kernel half. Slots hold machine addresses. Written through the direct map, which the
 * provisional directory still has writable.
 */

/** Leaf tables of the leaf area: the zone frames after the master directory. */
const LEAF_TABLES: u32 = SLOT_TABLE_WINDOW - SLOT_LEAF_AREA;
/** Zone frames that boot uses. */
export const BOOT_TABLES: u32 = 1 + LEAF_TABLES;
/** Supervisor's, kept over a change of address space. */
const LARGE_PAGE: u32 = PAGE_PRESENT | PAGE_LARGE | PAGE_GLOBAL;
const DIRECTORY_BYTES: usize = 0x1000;
const ENTRIES: u32 = 1024;

/** Builds the master directory and loads it. */
export function enterMasterDirectory(plan: MemoryPlan): void {
  memory.fill(linear(ZONE_BASE), 0, <usize>BOOT_TABLES * DIRECTORY_BYTES);
  mapMemory(plan);
  mapZoneWindow(plan);
  for (let table: u32 = 0; table < LEAF_TABLES; table++) {
    setSlot(SLOT_LEAF_AREA + table, <u32>machineOf(ZONE_BASE + <usize>(1 + table) * DIRECTORY_BYTES) | PAGE_PRESENT | PAGE_WRITABLE);
  }
  if (plan.reserve != 0) mapReserve(plan);
  writeCr3(<u32>machineOf(ZONE_BASE));
}

function setSlot(slot: u32, value: u32): void {
  store<u32>(linear(ZONE_BASE) + (slot << 2), value);
}

/** The direct map: tables read-only, the VMM's reserve not at all. */
function mapMemory(plan: MemoryPlan): void {
  const end = min<usize>(plan.memoryEnd, DIRECT_MAP_SIZE);
  for (let chunk: usize = 0; chunk < end; chunk += CHUNK_SIZE) {
    if (plan.reserve != 0 && chunk == plan.reserve) continue;
    const isZone = chunk >= ZONE_BASE && chunk < plan.zoneEnd;
    setSlot(SLOT_DIRECT_MAP + <u32>(chunk >> 22), <u32>machineOf(chunk) | LARGE_PAGE | (isZone ? 0 : PAGE_WRITABLE));
  }
}

function mapZoneWindow(plan: MemoryPlan): void {
  for (let chunk = ZONE_BASE; chunk < plan.zoneEnd; chunk += CHUNK_SIZE) {
    setSlot(SLOT_TABLE_WINDOW + <u32>((chunk - ZONE_BASE) >> 22), <u32>machineOf(chunk) | LARGE_PAGE | PAGE_WRITABLE);
  }
}

/** The reserve at vmmBase by 4 KB pages; the table that maps it is its own last frame. */
function mapReserve(plan: MemoryPlan): void {
  const table = plan.reserve + CHUNK_SIZE - PAGE_SIZE;
  for (let page: u32 = 0; page < ENTRIES; page++) {
    const frame = <u32>machineOf(plan.reserve + <usize>page * PAGE_SIZE);
    store<u32>(linear(table) + (page << 2), frame | PAGE_PRESENT | PAGE_WRITABLE | PAGE_GLOBAL);
  }
  setSlot(SLOT_VMM, <u32>machineOf(table) | PAGE_PRESENT | PAGE_WRITABLE);
}
