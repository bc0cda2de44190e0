import type { ViteUserConfig } from "vitest/config";

/** Unit tests of a package. */
export declare const node: ViteUserConfig;
/** Whole-machine tests: each drives a child process, so files run one after the other. */
export declare const machine: ViteUserConfig;
