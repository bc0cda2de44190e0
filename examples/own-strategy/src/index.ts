import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type SwitchLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@acme/own-strategy/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@acme/own-strategy/package.json")));

/**
 * A switch of two strategies: `running` validates the tables of the program that asks at once and every other on first touch; `bounded` validates
 * all of them at once while there are few, and none while there are many.
 */
export const ownStrategy: SwitchLayer<"running" | "bounded"> = {
  kind: "switch",
  name: "own-strategy",
  packageName: "@acme/own-strategy",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: null,
  sensitive: [
    {
      name: "request",
      reason: "INT of the switch's own vector, which the kernel may raise in both modes",
      runs: "both",
      modules: ["@acme/own-strategy/metal/request.ts"],
      instructions: ["int"],
    },
  ],
  strategies: ["running", "bounded"],
};
