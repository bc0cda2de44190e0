import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type VmmLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@mercury/vmm/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@mercury/vmm/package.json")));

/** A hypervisor that types memory by chunks and validates tables lazily. */
export const chunked: VmmLayer = {
  kind: "vmm",
  name: "chunked",
  packageName: "@mercury/vmm",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
};
