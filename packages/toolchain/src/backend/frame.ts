import { calleeSaved } from "./registers.ts";
import { definitionsOf } from "./liveness.ts";
import { type MirFunction, type Reg } from "./mir.ts";

/** The stack of a function, seen from esp after the prologue: slots, saved registers, return address, stack parameters. */
export interface Frame {
  /** Callee-saved registers in the order in which they are pushed. */
  readonly saved: readonly Reg[];
  /** Bytes of slots. */
  readonly locals: number;
}

export function frameOf(mir: MirFunction): Frame {
  const written = new Set<Reg>();
  for (const instruction of mir.instructions) for (const reg of definitionsOf(instruction)) written.add(reg);
  return { saved: calleeSaved.filter((reg) => written.has(reg)), locals: mir.slots * 4 };
}

/** esp-relative offset of a slot when `depth` bytes are pushed beyond the frame. */
export function slotOffset(slot: number, depth: number): number {
  return depth + slot * 4;
}

/** esp-relative offset of a stack parameter: above slots, saved registers and the return address. */
export function incomingOffset(frame: Frame, offset: number, depth: number): number {
  return depth + frame.locals + frame.saved.length * 4 + 4 + offset;
}
