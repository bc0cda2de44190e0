import type { Assembler } from "@mercury/toolchain";
import { flagThunks } from "./flag-thunks.ts";
import { hypercallThunks } from "./hypercall-thunks.ts";
import { machineData, raiseVector, refused, reloadSegments } from "./machine.ts";

/** Everything of the layer that is machine code by hand, for the kernel image. */
export default function stubs(a: Assembler): void {
  flagThunks(a);
  hypercallThunks(a);
  refused(a);
  raiseVector(a);
  reloadSegments(a);
  machineData(a);
}
