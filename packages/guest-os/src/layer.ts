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
  sensitive: [
    {
      name: "boot path",
      reason: "ring 0 before there is a VMM: from the loader's entry to kernelMain",
      runs: "boot",
      functions: ["multibootEntry", "bootLinear", "bootKernel", "shuffleMemory", "moveImage", "enterMasterDirectory", "enableFpu"],
      instructions: ["cli", "mov"],
    },
    {
      name: "user segments",
      reason: "selectors of ring 3, which rings 0 and 1 load and show alike; their descriptors are the same in both modes",
      runs: "both",
      functions: ["trapCommon", "systemCallEntry", "readUserSegments", "loadUserSegments"],
      instructions: ["mov"],
    },
  ],
  interrupts: {
    handlers: ["timerInterrupt", "consoleInterrupt", "sched/storm/tick"],
    masked: ["trapDispatch", "kernelMain", "bootKernel", "startInit"],
  },
  files: () => [],
};
