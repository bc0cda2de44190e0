// Never compiled into an image: the layer's bodies against the contract's operations.
import * as here from "./index";
import * as operations from "mercury:vo";

type Call =
  | "loadTraps" | "setTls" | "maskLine" | "unmaskLine" | "acknowledgeLine" | "initializeLines" | "prepareDirectory" | "clearEntries"
  | "forkEntries" | "updateEntries" | "releaseTable" | "flushSpace" | "repairEntry";

/** TypeScript's own; metal is checked without its library. */
type Capitalize<S extends string> = intrinsic;
type Bodies = { readonly [name in Call as `native${Capitalize<name>}` | `virtual${Capitalize<name>}`]: (typeof operations)[name] };

export const fits: Bodies = here;
