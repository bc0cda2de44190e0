import type { Assembler } from "@mercury/toolchain";
import { header, memory } from "./data.ts";
import { doubleFault, entries, exit, resume, warmup } from "./entry.ts";
import { nativeExit, nativeSwitchEntry, performSwitch, segments } from "./switch.ts";

/** Everything of the VMM image that is machine code by hand. */
export default function stubs(a: Assembler): void {
  header(a);
  entries(a);
  exit(a);
  resume(a);
  warmup(a);
  nativeSwitchEntry(a);
  performSwitch(a);
  nativeExit(a);
  segments(a);
  doubleFault(a);
  memory(a);
}
