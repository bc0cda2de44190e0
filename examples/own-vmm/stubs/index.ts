import type { Assembler } from "@mercury/toolchain";
import { data } from "./data.ts";
import { entries } from "./entry.ts";
import { switchEntries } from "./switch.ts";

/** Everything of the VMM's image that is machine code by hand. */
export default function stubs(a: Assembler): void {
  data(a);
  entries(a);
  switchEntries(a);
}
