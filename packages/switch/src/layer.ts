import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type SwitchLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@mercury/switch/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@mercury/switch/package.json")));

/** The switch as ordered steps with two-phase commit; the default strategy validates tables on first touch. */
export const sequenced: SwitchLayer<"lazy" | "recompute"> = {
  kind: "switch",
  name: "sequenced",
  packageName: "@mercury/switch",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: null,
  sensitive: [
    {
      name: "request",
      reason: "INT of the switch's own vector, which the kernel may raise in both modes",
      runs: "both",
      modules: ["@mercury/switch/metal/request.ts"],
      instructions: ["int"],
    },
  ],
  strategies: ["lazy", "recompute"],
};
