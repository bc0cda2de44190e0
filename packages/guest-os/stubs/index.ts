import type { Assembler } from "@mercury/toolchain";
import { boot } from "./boot.ts";
import { contextSwitch } from "./context-switch.ts";
import { fpu } from "./fpu.ts";
import { traps } from "./traps.ts";
import { userCopy } from "./user-copy.ts";

export { program } from "./program.ts";

/** The kernel's machine code that is not compiled from metal sources. */
export default function stubs(a: Assembler): void {
  boot(a);
  traps(a);
  contextSwitch(a);
  fpu(a);
  userCopy(a);
}
