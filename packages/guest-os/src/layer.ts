import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type GuestLayer } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const manifest = createRequire(import.meta.url).resolve("@mercury/guest-os/package.json");
const root = new URL("./", pathToFileURL(manifest));

/** A Unix-like system with Linux i386 system calls. */
export const unix: GuestLayer = {
  kind: "guest",
  name: "unix",
  packageName: "@mercury/guest-os",
  version: "0.1.0",
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
  programs: [],
  files: () => [],
};
