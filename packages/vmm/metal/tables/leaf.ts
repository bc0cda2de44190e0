import { NO_FRAME, TYPE_LEAF, TYPE_NONE, addHook, dropHook, frameOfMachine, linearOf, setType, typeOf } from "../frames/records";
import { refuse } from "./refusal";
import { noteUnhook } from "./flush";
import { ENTRIES, firstIllegalEntry } from "./legal";
import { noteTable } from "./counters";
import { EBUSY, EPERM } from "@mercury/abi/metal";

/** Makes an unused zone frame a leaf table, if every entry is legal. 0 or a negated errno. */
export function validateLeaf(frame: u32): i32 {
  const table = linearOf(frame);
  const illegal = firstIllegalEntry(table);
  if (illegal != ENTRIES) return refuse(-EPERM, <u32>table + (illegal << 2));
  setType(frame, TYPE_LEAF);
  noteTable();
  return 0;
}

/** One more directory slot names the leaf at a machine address; it is validated if it has not been. 0 or a negated errno. */
export function hook(machine: u32): i32 {
  const frame = frameOfMachine(machine);
  if (frame == NO_FRAME) return refuse(-EPERM, machine);
  const type = typeOf(frame);
  if (type == TYPE_NONE) {
    const result = validateLeaf(frame);
    if (result < 0) return result;
  } else if (type != TYPE_LEAF) {
    return refuse(-EPERM, machine);
  }
  return addHook(frame) ? 0 : refuse(-EBUSY, machine);
}

/** A slot that named a validated leaf names it no more. */
export function unhook(machine: u32): void {
  dropHook(frameOfMachine(machine));
  noteUnhook();
}
