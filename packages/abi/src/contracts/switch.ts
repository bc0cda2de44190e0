import type { Layer } from "./layer.ts";

/** The mode switch. */
export interface SwitchLayer extends Layer<"switch"> {
  /** Strategies it knows; the first is the default. */
  readonly strategies: readonly string[];
}
