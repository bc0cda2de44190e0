// Never compiled into an image: what the switch calls, against the contract.
import * as here from "./index";

export const fits: typeof import("mercury:vmm") = here;
