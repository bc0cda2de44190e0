import { DIRECT_MAP_BASE, PAGE_SIZE, ZONE_BASE } from "@mercury/abi/metal";
import { linear } from "./frames";

/**
 * Frames of the table zone: directories and leaf tables come from here and from nowhere else, because the zone is what the kernel
 * cannot write. The list of free frames therefore lies outside, as a stack of numbers.
 */

let stack: usize = 0;
let depth: u32 = 0;
let frames: u32 = 0;

/** Bytes of the free list for `zoneFrames` frames. */
export function zoneListBytes(zoneFrames: u32): usize {
  return <usize>zoneFrames << 1;
}

/** All frames from `used` on are free; `list` has zoneListBytes(zoneFrames) bytes. The lowest frame is handed out first. */
export function initializeZone(list: usize, zoneFrames: u32, used: u32): void {
  stack = list;
  frames = zoneFrames;
  depth = 0;
  for (let frame = zoneFrames; frame > used; frame--) store<u16>(stack + (depth++ << 1), <u16>(frame - 1));
}

/** An unused zone frame by its address in the direct map (read-only), or 0. */
export function allocateTable(): usize {
  if (depth == 0) return 0;
  return linear(ZONE_BASE) + <usize>load<u16>(stack + (--depth << 1)) * PAGE_SIZE;
}

/** A frame that vo.releaseTable has made unused, or that was never used. */
export function freeTable(table: usize): void {
  store<u16>(stack + (depth++ << 1), <u16>((table - DIRECT_MAP_BASE - ZONE_BASE) / PAGE_SIZE));
}

/** Free frames of the zone. */
export function freeTableCount(): u32 {
  return depth;
}

/** Frames of the zone. */
export function zoneFrameCount(): u32 {
  return frames;
}
