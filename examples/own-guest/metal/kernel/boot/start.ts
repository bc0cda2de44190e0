import {
  CHUNK_SIZE, DIRECT_MAP_BASE, DIRECT_MAP_SIZE, PAGE_GLOBAL, PAGE_LARGE, PAGE_PRESENT, PAGE_SIZE, PAGE_WRITABLE, SLOT_DIRECT_MAP,
  SLOT_TABLE_WINDOW, SLOT_VMM, VMM_BASE, VmmHeader, ZONE_BASE,
} from "@mercury/abi/metal";
import { kernelMain } from "../main";
import { fillRecord, fillSharedPage } from "./record";
import { kernelRecord, vmmEnd, vmmStart } from "./symbols";

// Instructions (module x86 of the metal compiler).
// @ts-ignore: decorator
@external("x86", "writeCr3") export declare function writeCr3(directory: u32): void;
// @ts-ignore: decorator
@external("x86", "call1") export declare function call1(address: usize, argument: u32): u32;
// @ts-ignore: decorator
@external("asm", "stop") export declare function stop(): void;

/** Physical addresses: one past the RAM, and the VMM's reserve, 0 without a VMM. */
let memoryEnd: usize = 0;
let reserve: usize = 0;

/** Where the direct map shows a physical address. */
function linear(physical: usize): usize {
  return DIRECT_MAP_BASE + physical;
}

/** The boot path (abi/docs/kernel-and-vmm.md), from the stub on: provisional directory, ring 0. `info` is the multiboot loader's structure. */
export function bootKernel(info: u32): void {
  // mem_upper: KB from 1 MB on (Multiboot 0.6.96, section 3.3).
  memoryEnd = min<usize>(0x10_0000 + (<usize>load<u32>(linear(info) + 8) << 10), DIRECT_MAP_SIZE) & ~(PAGE_SIZE - 1);
  const hasVmm = vmmEnd() > vmmStart();
  reserve = hasVmm ? (memoryEnd & ~(CHUNK_SIZE - 1)) - CHUNK_SIZE : 0;
  if (hasVmm) memory.copy(linear(reserve), vmmStart(), vmmEnd() - vmmStart());
  buildMasterDirectory();
  writeCr3(<u32>ZONE_BASE);
  fillSharedPage(memoryEnd);
  fillRecord(memoryEnd, reserve);
  if (hasVmm && call1(changetype<VmmHeader>(VMM_BASE).warmup, <u32>kernelRecord()) != 0) stop();
  kernelMain();
}

function setSlot(slot: u32, value: usize): void {
  store<u32>(linear(ZONE_BASE) + <usize>(slot << 2), <u32>value);
}

/** Direct map, the zone of one chunk read-only in it and writable in the window, and the VMM: the kernel's half of every address space. */
function buildMasterDirectory(): void {
  const large: usize = PAGE_PRESENT | PAGE_LARGE | PAGE_GLOBAL;
  memory.fill(linear(ZONE_BASE), 0, PAGE_SIZE);
  for (let chunk: usize = 0; chunk < memoryEnd; chunk += CHUNK_SIZE) {
    if (reserve != 0 && chunk == reserve) continue;
    setSlot(SLOT_DIRECT_MAP + <u32>(chunk / CHUNK_SIZE), chunk | large | (chunk == ZONE_BASE ? 0 : PAGE_WRITABLE));
  }
  setSlot(SLOT_TABLE_WINDOW, ZONE_BASE | large | PAGE_WRITABLE);
  if (reserve != 0) mapReserve();
}

/** By 4 KB pages, through a table in the reserve's own last frame. */
function mapReserve(): void {
  const table = reserve + CHUNK_SIZE - PAGE_SIZE;
  for (let offset: usize = 0; offset < CHUNK_SIZE; offset += PAGE_SIZE) {
    store<u32>(linear(table) + (offset >> 10), <u32>(reserve + offset) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_GLOBAL);
  }
  setSlot(SLOT_VMM, table | PAGE_PRESENT | PAGE_WRITABLE);
}
