import {
  CHUNK_SIZE, DIRECT_MAP_BASE, DIRECT_MAP_SIZE, GUEST_END, LEAF_AREA_BASE, PAGE_SIZE, SHARED_PAGE, TABLE_WINDOW_BASE, USER_END, VMM_BASE, ZONE_BASE,
} from "@mercury/abi/metal";
import { below, oneIn, random } from "./random";

const MEMORY: u32 = 32 << 20;
const ZONE: u32 = <u32>(DIRECT_MAP_BASE + ZONE_BASE);
/** Frames that most calls are about, so that one call meets what another did. */
const BUSY_FRAMES: u32 = 24;

/** Where things begin and end: the address space's ranges, memory's, the zone's, and the numbers' own. */
const EDGES: StaticArray<u32> = [
  0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff, 0x1000, USER_END, DIRECT_MAP_BASE, DIRECT_MAP_BASE + DIRECT_MAP_SIZE, LEAF_AREA_BASE, GUEST_END,
  TABLE_WINDOW_BASE, VMM_BASE, SHARED_PAGE, ZONE_BASE, 0xb0400000, 0xb0800000, 0xb1c00000, 0xb2000000, 0x01c00000, 0x02000000, 0x800000, 1023, 1024,
  1025, 256, 257, 8192, 65535, 65536,
];

/** Two pages of the kernel's own that lists, texts and tables lie in, full of values. */
export const own: usize = memory.data(8192, 16);

/** An edge, or a little to either side of it. */
function nearEdge(): u32 {
  const edge = unchecked(EDGES[below(EDGES.length)]);
  return oneIn(2) ? edge : edge + below(64) - 32;
}

/** A frame of the zone, by number. */
function frame(): u32 {
  return oneIn(8) ? below(<u32>CHUNK_SIZE >> 12) : below(BUSY_FRAMES);
}

/** Direct-map address of a table's entry: mostly aligned, often the first. */
export function entry(): u32 {
  if (oneIn(12)) return any();
  const index = oneIn(3) ? below(704) : below(4);
  return ZONE + frame() * <u32>PAGE_SIZE + (index << 2) + (oneIn(64) ? below(4) : 0);
}

/** Direct-map address of a table. */
export function table(): u32 {
  return oneIn(12) ? any() : ZONE + frame() * <u32>PAGE_SIZE;
}

/** Machine address of a table. */
export function directory(): u32 {
  return oneIn(8) ? any() : <u32>ZONE_BASE + frame() * <u32>PAGE_SIZE;
}

/** Something to put into an entry: a frame of the zone, of data, of the reserve or of nothing, with any of the low bits. */
export function value(): u32 {
  if (oneIn(6)) return any();
  const bits = oneIn(3) ? random() & 0xfff : 7;
  return oneIn(2) ? directory() | bits : (below(MEMORY >> 12) << 12) | bits;
}

/** A pointer to the kernel's own data, or to anywhere. */
export function pointer(): u32 {
  return oneIn(3) ? any() : <u32>own + (below(2048) << 2);
}

/** A count: mostly small, sometimes the most, sometimes more. */
export function count(most: u32): u32 {
  if (oneIn(16)) return any();
  return oneIn(16) ? most - below(2) : below(9);
}

export function any(): u32 {
  if (oneIn(2)) return nearEdge();
  return oneIn(2) ? random() : own + below(8192);
}

/** Fills the kernel's data with pairs of entry and value: every place in it is a list. */
export function refill(): void {
  for (let at: usize = 0; at < 8192; at += 8) {
    store<u32>(own + at, entry());
    store<u32>(own + at + 4, value());
  }
}
