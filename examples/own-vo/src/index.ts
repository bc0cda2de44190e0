import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { interfaceVersion, type VoLayer } from "@mercury/abi";

export { type Count, type Meter, readMeter } from "./meter.ts";

// Found by the package's own name, as this module runs from src/ in tests and from dist/src/ otherwise.
const require = createRequire(import.meta.url);
const manifest: { readonly version: string } = require("@acme/own-vo/package.json");
const root = new URL("./", pathToFileURL(require.resolve("@acme/own-vo/package.json")));

/** Virtual objects that count and time what the kernel does to the machine. */
export const ownVo: VoLayer = {
  kind: "vo",
  name: "own-vo",
  packageName: "@acme/own-vo",
  version: manifest.version,
  interfaceVersion,
  root,
  stubs: new URL("dist/stubs/index.js", root),
  sensitive: [
    {
      name: "replay",
      reason: "INT of the lines that a detach left pending; virtual mode never calls it",
      runs: "both",
      functions: ["raiseVectors"],
      instructions: ["int"],
    },
    {
      name: "counted thunks",
      reason: "what follows the count of a thunk, and is part of a virtual body though no site leads there: native mode never reaches it",
      runs: "both",
      functions: ["body_returnFromTrap", "slow_enableInterrupts", "slow_restoreFlags", "slow_returnFromTrap"],
      instructions: ["int", "iret"],
    },
  ],
};
