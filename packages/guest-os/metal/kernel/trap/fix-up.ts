import { TrapFrame } from "./frame";

/** Places in the stubs at which the kernel may fault, and where it goes on then: pairs of addresses (stubs/user-copy.ts), ended by zero. */

// @ts-ignore: decorator
@external("sym", "fixUpTable") export declare function fixUpTable(): usize;

/** Takes a fault in the kernel to its fix-up; false when the place has none. */
export function fixUp(frame: TrapFrame): bool {
  for (let row = fixUpTable(); load<u32>(row) != 0; row += 8) {
    if (load<u32>(row) != frame.eip) continue;
    frame.eip = load<u32>(row + 4);
    return true;
  }
  return false;
}
