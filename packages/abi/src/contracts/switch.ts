import type { Layer } from "./layer.ts";

/**
 * The mode switch. Its metal exports `switchTo` for the VMM's image (`metal/index.ts`) and the functions of `mercury:switch` for the kernel's
 * (`metal/request.ts`); `strategyName` there gives the names of `strategies`.
 */
export interface SwitchLayer<Strategy extends string = string> extends Layer<"switch"> {
  /** Names of its strategies, words without spaces; the position is the number, and the first is the default. */
  readonly strategies: readonly [Strategy, ...Strategy[]];
}
