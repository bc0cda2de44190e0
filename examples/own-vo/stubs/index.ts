import type { Assembler } from "@mercury/toolchain";
import { flagThunks } from "./flag-thunks.ts";
import { hypercallThunks } from "./hypercall-thunks.ts";
import { machine } from "./machine.ts";
import { meter, meteredCalls } from "./meter.ts";

/** Everything of the layer that is machine code by hand. */
export default function stubs(a: Assembler): void {
  meter(a);
  meteredCalls(a);
  flagThunks(a);
  hypercallThunks(a);
  machine(a);
}
