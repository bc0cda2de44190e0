import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type VoLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@mercury/vo/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@mercury/vo/package.json")));

/** Virtual objects as patched one-instruction sites: native instructions that the switch rewrites in place. */
export const patched: VoLayer = {
  kind: "vo",
  name: "patched",
  packageName: "@mercury/vo",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
  sensitive: [
    {
      name: "replay",
      reason: "INT of the lines that a detach left pending, before native mode enables interrupts; virtual mode never calls it",
      runs: "both",
      functions: ["raiseVectors"],
      instructions: ["int"],
    },
  ],
};
