import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type GuestLayer, interfaceVersion } from "@mercury/abi";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@acme/own-guest/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@acme/own-guest/package.json")));

/** A kernel without processes: says its ring, has the VMM attached and detached again, and switches the power off. */
export const ownGuest: GuestLayer = {
  kind: "guest",
  name: "own-guest",
  packageName: "@acme/own-guest",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
  sensitive: [
    {
      name: "boot path",
      reason: "ring 0 before there is a VMM",
      runs: "boot",
      functions: ["multibootEntry", "bootLinear", "bootKernel"],
      instructions: ["cli", "mov"],
    },
    {
      name: "what it shows",
      reason: "the ring of CS, which is what this kernel prints, and a breakpoint, which goes to the same handler from both rings",
      runs: "both",
      functions: ["codeSelector", "raiseBreakpoint"],
      instructions: ["mov", "int3"],
    },
    {
      name: "stop",
      reason: "CLI and HLT where the kernel gives up; in ring 1 the first of them ends it just as well",
      runs: "both",
      functions: ["stop"],
      instructions: ["cli", "hlt"],
    },
  ],
  programs: [],
  files: () => [],
};
