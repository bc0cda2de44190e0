import {
  DIRECT_MAP_BASE, HYPERCALL_CLEAR_ENTRIES, HYPERCALL_LOAD_SPACE, HYPERCALL_PREPARE_DIRECTORY, HYPERCALL_RELEASE_TABLE, HYPERCALL_SET_ENTRY,
  HYPERCALL_SET_KERNEL_STACK, PAGE_PRESENT, PAGE_SIZE, PAGE_USER, PAGE_WRITABLE, USER_IMAGE_BASE, ZONE_BASE,
} from "@mercury/abi/metal";
import { hypercall } from "@mercury/toolchain/metal";

// @ts-ignore: decorator
@external("sym", "program_start") export declare function programStart(): usize;
// @ts-ignore: decorator
@external("sym", "program_end") export declare function programEnd(): usize;
// @ts-ignore: decorator
@external("sym", "trapStackTop") export declare function trapStackTop(): usize;

export const ENTRIES: u32 = 1024;
/** Pages of the program, with its zeroed data and its stack, and the frames that they get. */
const PAGES: u32 = 96;
const FRAMES: u32 = 0x800000;
const USER: u32 = PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER;

/** Where ring 3's stack ends. */
export const USER_STACK_TOP: u32 = <u32>USER_IMAGE_BASE + PAGES * <u32>PAGE_SIZE;

// Frames of the zone, by number. 0 is the master.
export const DIRECTORY: u32 = 1;
export const LEAF: u32 = 2;
const LOWEST_LEAF: u32 = 6;

/** What a processor after reset would take for its local descriptor table: 64 KB at address 0 (SDM 3A table 9-1). */
const LOCAL_TABLE_PAGES: u32 = 16;
/** One frame behind all these pages. */
const LOCAL_TABLE_FRAME: u32 = 0x900000;
/** A flat data segment of ring 3: every selector that finds it can be loaded. */
const FLAT_LOW: u32 = 0xffff;
const FLAT_HIGH: u32 = 0x00cff200;

/** Direct-map address of a zone frame. */
export function tableOf(frame: u32): u32 {
  return <u32>(DIRECT_MAP_BASE + ZONE_BASE) + frame * <u32>PAGE_SIZE;
}

/** Machine address of a zone frame. */
export function machineOf(frame: u32): u32 {
  return <u32>ZONE_BASE + frame * <u32>PAGE_SIZE;
}

/** What memory held before is nobody's table: every frame but the master is emptied and has no type. */
export function emptyZone(): void {
  for (let frame: u32 = 1; frame < ENTRIES; frame++) {
    hypercall(HYPERCALL_CLEAR_ENTRIES, tableOf(frame), ENTRIES, 0);
    hypercall(HYPERCALL_RELEASE_TABLE, tableOf(frame), 0, 0);
  }
}

/** The first pages of user space hold good descriptors from end to end: bait for a processor that has a local table there. */
function buildLocalTable(): void {
  const frame = DIRECT_MAP_BASE + LOCAL_TABLE_FRAME;
  for (let at: usize = frame; at < frame + PAGE_SIZE; at += 8) {
    store<u32>(at, FLAT_LOW);
    store<u32>(at + 4, FLAT_HIGH);
  }
  hypercall(HYPERCALL_CLEAR_ENTRIES, tableOf(LOWEST_LEAF), ENTRIES, 0);
  hypercall(HYPERCALL_SET_ENTRY, tableOf(DIRECTORY), machineOf(LOWEST_LEAF) | USER, 0);
  for (let page: u32 = 0; page < LOCAL_TABLE_PAGES; page++) {
    hypercall(HYPERCALL_SET_ENTRY, tableOf(LOWEST_LEAF) + (page << 2), LOCAL_TABLE_FRAME | USER, 0);
  }
}

/** An address space with the program in it, loaded. */
export function buildUserSpace(): void {
  const base = DIRECT_MAP_BASE + FRAMES;
  memory.fill(base, 0, <usize>PAGES * PAGE_SIZE);
  memory.copy(base, programStart(), programEnd() - programStart());
  hypercall(HYPERCALL_PREPARE_DIRECTORY, tableOf(DIRECTORY), 0, 0);
  buildLocalTable();
  hypercall(HYPERCALL_CLEAR_ENTRIES, tableOf(LEAF), ENTRIES, 0);
  hypercall(HYPERCALL_SET_ENTRY, tableOf(DIRECTORY) + ((<u32>USER_IMAGE_BASE >> 22) << 2), machineOf(LEAF) | USER, 0);
  const first = tableOf(LEAF) + (((<u32>USER_IMAGE_BASE >> 12) & (ENTRIES - 1)) << 2);
  for (let page: u32 = 0; page < PAGES; page++) hypercall(HYPERCALL_SET_ENTRY, first + (page << 2), (FRAMES + page * <u32>PAGE_SIZE) | USER, 0);
  hypercall(HYPERCALL_LOAD_SPACE, machineOf(DIRECTORY), 0, 0);
  hypercall(HYPERCALL_SET_KERNEL_STACK, <u32>trapStackTop(), 0, 0);
}
