import type { Machine } from "./define.ts";

/** Words by which a machine's settings reach its kernel; on other machines people write the same words themselves. */
export function kernelCommandLine(machine: Machine): string {
  return [`mode=${machine.mode}`, `switch=${machine.strategy}`, ...(machine.test ? ["inject", "audit"] : [])].join(" ");
}
