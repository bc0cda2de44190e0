import type { Machine } from "./define.ts";

/** Words by which a machine's settings reach its kernel; on other machines people write the same words themselves. */
export function kernelCommandLine({ mode, strategy, shuffle, test }: Machine): string {
  return [
    `mode=${mode}`,
    `switch=${strategy}`,
    ...(shuffle === null ? [] : [`shuffle=${shuffle}`]),
    ...(test ? ["inject", "audit"] : []),
  ].join(" ");
}
