import { setEntry } from "mercury:vo";
import { EFAULT, PAGE_COPY_ON_WRITE, PAGE_DEFERRED, PAGE_PRESENT, PAGE_SIZE, PAGE_USER, PAGE_WRITABLE, USER_END } from "@mercury/abi/metal";
import { Task } from "../sched/task";
import { AreaList, pageDown, removeAreas } from "./area";
import { allocateFrame, linear, physical, releaseFrame } from "./frames";
import { machineOf, physicalOf } from "./machine";
import { allocate, release } from "./slab";
import { clearTable, giveTable, makeDirectory } from "./tables";
import { allocateTable, freeTable } from "./zone";

/**
 * Address spaces: a directory, its leaf tables and the list of areas. Entries are named by their read-only direct-map address; every write is
 * a virtual-object operation. A slot or entry exists when `entry & (PAGE_PRESENT | PAGE_DEFERRED)` is not zero.
 */

// @ts-ignore: decorator
@unmanaged export class Space {
  /** Physical address of the directory. */
  directory: usize;
  /** Head of the areas (an AreaList). */
  areas: usize;
  /** The program break and where it started. */
  breakStart: usize;
  breakEnd: usize;
  /** Data pages present, for /proc. */
  residentPages: u32;
  /** Ranges of the argument and environment strings on the stack. */
  argumentStart: usize;
  argumentEnd: usize;
  environmentStart: usize;
  environmentEnd: usize;
}

const USER_SLOTS: u32 = 704;
const ENTRIES: u32 = 1024;
const FRAME: u32 = 0xffff_f000;

// @ts-ignore: decorator
@inline export function areasOf(space: Space): AreaList {
  return changetype<AreaList>(changetype<usize>(space) + offsetof<Space>("areas"));
}

/** Whether an entry or slot maps something, deferred by the VMM or not. */
// @ts-ignore: decorator
@inline export function isPresent(entry: u32): bool {
  return (entry & (PAGE_PRESENT | PAGE_DEFERRED)) != 0;
}

/** Direct-map address of the slot of `address` in a space's directory. */
// @ts-ignore: decorator
@inline export function slotOf(space: Space, address: usize): usize {
  return linear(space.directory) + ((address >> 22) << 2);
}

/** Direct-map address of what a slot or entry names. */
// @ts-ignore: decorator
@inline export function target(entry: u32): usize {
  return linear(physicalOf(entry & FRAME));
}

/** Physical address of the frame that a leaf entry maps. */
// @ts-ignore: decorator
@inline export function frameOf(entry: u32): usize {
  return physicalOf(entry & FRAME);
}

/** Address of the leaf entry of `address`, or 0 when there is no leaf table. */
export function entryOf(space: Space, address: usize): usize {
  const slot = load<u32>(slotOf(space, address));
  if (!isPresent(slot)) return 0;
  return target(slot) + (((address >> 12) & (ENTRIES - 1)) << 2);
}

/** As entryOf, but makes the leaf table; 0 when the zone is exhausted. */
export function ensureEntry(space: Space, address: usize): usize {
  const entry = entryOf(space, address);
  if (entry != 0) return entry;
  const table = allocateTable();
  if (table == 0) return 0;
  clearTable(table, ENTRIES);
  setEntry(<u32>slotOf(space, address), <u32>machineOf(physical(table)) | PAGE_PRESENT | PAGE_WRITABLE | PAGE_USER);
  return table + (((address >> 12) & (ENTRIES - 1)) << 2);
}

/** An empty space, or null when memory or the zone is exhausted. */
export function createSpace(): Space | null {
  const table = allocateTable();
  if (table == 0) return null;
  const space = changetype<Space>(allocate(offsetof<Space>()));
  if (changetype<usize>(space) == 0) {
    freeTable(table);
    return null;
  }
  makeDirectory(table);
  space.directory = physical(table);
  return space;
}

/** Frees a space that is not loaded: pages, tables, areas and all. */
export function destroySpace(space: Space): void {
  for (let slot: u32 = 0; slot < USER_SLOTS; slot++) {
    const at = linear(space.directory) + (slot << 2);
    const value = load<u32>(at);
    if (isPresent(value)) destroyLeaf(at, target(value));
  }
  const directory = linear(space.directory);
  dropTable(directory);
  removeAreas(areasOf(space), 0, USER_END);
  release(changetype<usize>(space));
}

function destroyLeaf(slot: usize, leaf: usize): void {
  for (let index: u32 = 0; index < ENTRIES; index++) {
    const entry = load<u32>(leaf + (index << 2));
    if (entry != 0) releaseFrame(frameOf(entry));
  }
  setEntry(<u32>slot, 0);
  dropTable(leaf);
}

function dropTable(table: usize): void {
  giveTable(table);
  freeTable(table);
}

/** Reads another task's memory, as /proc shows its arguments: bytes read, which end where a page is missing, or -EFAULT when none. */
export function readSpace(task: Task, to: usize, from: usize, bytes: usize): i32 {
  const space = task.space;
  if (space === null) return -EFAULT;
  let done: usize = 0;
  while (done < bytes && from + done < USER_END) {
    const at = from + done;
    const place = entryOf(space, at);
    const entry = place == 0 ? 0 : load<u32>(place);
    if (!isPresent(entry)) break;
    const part = min<usize>(bytes - done, pageDown(at) + PAGE_SIZE - at);
    memory.copy(to + done, linear(frameOf(entry)) + (at & (PAGE_SIZE - 1)), part);
    done += part;
  }
  return done == 0 && bytes != 0 ? -EFAULT : <i32>done;
}

/** Stores a word in another space that shares its pages with the current one, as a child does right after fork: 0 or -EFAULT. */
export function writeSpace(space: Space, address: usize, value: u32): i32 {
  const place = (address & 3) == 0 && address < USER_END ? entryOf(space, address) : 0;
  if (place == 0 || !isPresent(load<u32>(place))) return -EFAULT;
  const entry = load<u32>(place);
  const copy = allocateFrame();
  if (copy == 0) return -EFAULT;
  memory.copy(linear(copy), linear(frameOf(entry)), PAGE_SIZE);
  store<u32>(linear(copy) + (address & (PAGE_SIZE - 1)), value);
  setEntry(<u32>place, <u32>machineOf(copy) | (entry & (PAGE_SIZE - 1) & ~PAGE_COPY_ON_WRITE) | PAGE_WRITABLE);
  releaseFrame(frameOf(entry));
  return 0;
}
