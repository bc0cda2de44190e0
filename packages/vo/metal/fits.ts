// Never compiled into an image: the layer's exports against the contract's operations.
import * as here from "./index";
import * as operations from "mercury:vo";

/** Operations that are calls in both modes; the others are templates and thunks, tested in stubs/. */
type Cold =
  | "loadTraps" | "setTls" | "maskLine" | "unmaskLine" | "acknowledgeLine" | "initializeLines" | "prepareDirectory" | "clearEntries"
  | "forkEntries" | "updateEntries" | "releaseTable" | "flushSpace" | "repairEntry";

type Bodies = { readonly [name in Cold as `native_${name}` | `virtual_${name}`]: (typeof operations)[name] };

export const fits: Bodies = here;
