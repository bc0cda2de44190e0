import { GDT_TLS0 } from "@mercury/abi/metal";
import { probeGates } from "./gates";
import { probeReach } from "./reach";
import { probeSelectors } from "./selectors";
import { probeTls } from "./tls";

/** Tells the kernel where this program's probe context lies. */
// @ts-ignore: decorator
@external("asm", "introduce") export declare function introduce(): void;

/** The hostile program, in ring 3. Comes back to the kernel by a system call (stubs/program.ts). */
export function main(): void {
  introduce();
  probeSelectors();
  probeGates();
  probeReach((GDT_TLS0 << 3) | 3);
  probeTls();
}
