import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type VmmLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@acme/own-vmm/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@acme/own-vmm/package.json")));

/** A VMM that attaches and detaches, and believes everything that the kernel says. */
export const ownVmm: VmmLayer = {
  kind: "vmm",
  name: "own-vmm",
  packageName: "@acme/own-vmm",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
};
