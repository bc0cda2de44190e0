import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { CountReporter } from "./reporter.js";

// Plain JavaScript: Node 20 loads no TypeScript from a workspace package that vitest does not transform.

/** Where tests stand: beside the source, host code all of it, also under metal/. */
const include = ["{src,tables,metal,stubs,fuzz}/**/*.test.ts"];

/** @param {import("vitest/config").ViteUserConfig["test"]} extra */
const config = (extra) =>
  defineConfig({
    test: {
      include,
      setupFiles: [fileURLToPath(new URL("seed.js", import.meta.url))],
      reporters: ["default", new CountReporter()],
      // Generous, as turbo runs two packages side by side on two cores; no test waits for time to pass.
      testTimeout: 60_000,
      hookTimeout: 120_000,
      ...extra,
    },
  });

/** Unit tests of a package. */
export const node = config({});

/** Whole-machine tests: each drives a child process, so files run one after the other. */
export const machine = config({ include: ["*.test.ts"], testTimeout: 1_800_000, hookTimeout: 1_800_000, fileParallelism: false });
