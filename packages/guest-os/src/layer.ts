import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type GuestLayer } from "@mercury/abi";
import { programs } from "./programs.ts";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@mercury/guest-os/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@mercury/guest-os/package.json")));

/** A Unix-like system with Linux i386 system calls. */
export const unix: GuestLayer = {
  kind: "guest",
  name: "unix",
  packageName: "@mercury/guest-os",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
  programs,
  interrupts: {
    handlers: ["timerInterrupt", "consoleInterrupt", "sched/storm/tick"],
    masked: ["trapDispatch", "kernelMain", "bootKernel", "startInit"],
  },
  files: () => [],
};
