import { HYPERCALL_ACKNOWLEDGE_LINE, HYPERCALL_MASK_LINE, HYPERCALL_UNMASK_LINE, LINE_CASCADE } from "@mercury/abi/metal";
import { INITIAL_MASKS, lineMasks, setLineMasks } from "../lines";
import { demand } from "./call";

/** The VMM owns the controllers and has programmed them; what is left is the masks. */
export function virtual_initializeLines(): void {
  for (let line: u32 = 0; line < 16; line++) {
    if (line != LINE_CASCADE) demand(HYPERCALL_MASK_LINE, line, 0, 0);
  }
  setLineMasks(INITIAL_MASKS);
}

export function virtual_maskLine(line: u32): void {
  setLineMasks(lineMasks() | (1 << line));
  demand(HYPERCALL_MASK_LINE, line, 0, 0);
}

export function virtual_unmaskLine(line: u32): void {
  setLineMasks(lineMasks() & ~(1 << line));
  demand(HYPERCALL_UNMASK_LINE, line, 0, 0);
}

export function virtual_acknowledgeLine(line: u32): void {
  demand(HYPERCALL_ACKNOWLEDGE_LINE, line, 0, 0);
}
