// Never compiled into an image: the layer's exports against the contract.
import * as here from "./index";

export const fits: typeof import("mercury:vmm") = here;
