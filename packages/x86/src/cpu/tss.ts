import { readSystem } from "../mmu/access.ts";
import { segment, TR } from "../state/layout.ts";
import type { Core } from "./core.ts";
import { errorCodeOf, systemType } from "./descriptor.ts";
import { raise, vector } from "./exceptions.ts";

/** Whether the current task-state segment has the 32-bit format. */
export function isTss32(core: Core): boolean {
  const type = core.segment(TR, segment.attributes) & 15;
  return type === systemType.tss32 || type === systemType.busyTss32;
}

/** SS and ESP of an inner privilege level out of the current TSS (SDM 3A 7.2.1, figures 7-2 and 7-10); else #TS(TR). */
export function readInnerStack(core: Core, level: number, external: number): { selector: number; pointer: number } {
  const wide = isTss32(core);
  const offset = wide ? 4 + level * 8 : 2 + level * 4;
  const last = offset + (wide ? 5 : 3);
  if (last > core.segment(TR, segment.limit) >>> 0) raise(core, vector.TS, errorCodeOf(core.segment(TR, segment.selector)) | external);
  const address = core.segment(TR, segment.base) + offset;
  if (wide) return { pointer: readSystem(core, address, 4), selector: readSystem(core, address + 4, 2) };
  return { pointer: readSystem(core, address, 2), selector: readSystem(core, address + 2, 2) };
}

/** Whether the I/O permission bitmap allows all ports of an access (SDM 1 19.5.2). */
export function portAllowed(core: Core, port: number, size: number): boolean {
  if (!isTss32(core)) return false;
  const limit = core.segment(TR, segment.limit) >>> 0;
  const base = core.segment(TR, segment.base);
  if (limit < 0x67) return false;
  const bitmap = readSystem(core, base + 0x66, 2) + (port >>> 3);
  // Two bytes are read whatever the port, which is why the bitmap ends in a byte of ones.
  if (bitmap + 1 > limit) return false;
  const bits = readSystem(core, base + bitmap, 2) >>> (port & 7);
  return (bits & ((1 << size) - 1)) === 0;
}
