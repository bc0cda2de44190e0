import type { Assembler } from "@mercury/toolchain";
import { boot } from "./boot.ts";
import { texts, traps } from "./traps.ts";

/** The kernel's machine code that is not compiled from metal sources. */
export default function stubs(a: Assembler): void {
  boot(a);
  traps(a);
  texts(a);
}
