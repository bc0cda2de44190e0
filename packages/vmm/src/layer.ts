import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type VmmLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const manifest = createRequire(import.meta.url).resolve("@mercury/vmm/package.json");
const root = new URL("./", pathToFileURL(manifest));

/** A hypervisor that types memory by chunks and validates tables lazily. */
export const chunked: VmmLayer = {
  kind: "vmm",
  name: "chunked",
  packageName: "@mercury/vmm",
  version: "0.1.0",
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
};
