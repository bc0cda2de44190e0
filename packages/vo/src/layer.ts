import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type VoLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const manifest = createRequire(import.meta.url).resolve("@mercury/vo/package.json");
const root = new URL("./", pathToFileURL(manifest));

/** Virtual objects as patched one-instruction sites: native instructions that the switch rewrites in place. */
export const patched: VoLayer = {
  kind: "vo",
  name: "patched",
  packageName: "@mercury/vo",
  version: "0.1.0",
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
};
