import type { Core } from "../cpu/core.ts";
import { access } from "../cpu/imports.ts";
import { checkFlatLimit, how, probe, readMemory, requireAlignment, writeMemory } from "./access.ts";

/**
 * Operands of more than 4 bytes, a multiple of 4, to and from a host address: all of an operand is checked before any of it is
 * accessed. Outside RAM they become accesses of 4 bytes.
 */
export function readWide(core: Core, linear: number, mode: number, to: number): void {
  const size = mode & access.sizeMask;
  check(core, linear, size, false, mode);
  const rest = (mode & ~(access.sizeMask | access.flat)) | how.part;
  for (let at = 0; at < size; at += 4) core.memory.write(to + at, 4, readMemory(core, (linear + at) | 0, rest | 4));
}

export function writeWide(core: Core, linear: number, mode: number, from: number): void {
  const size = mode & access.sizeMask;
  check(core, linear, size, true, mode);
  const rest = (mode & ~(access.sizeMask | access.flat)) | how.part;
  for (let at = 0; at < size; at += 4) writeMemory(core, (linear + at) | 0, core.memory.read(from + at, 4), rest | 4);
}

function check(core: Core, linear: number, size: number, write: boolean, mode: number): void {
  if ((mode & access.flat) !== 0) checkFlatLimit(core, linear, mode);
  requireAlignment(core, linear, size);
  probe(core, linear, size, write, mode);
}
