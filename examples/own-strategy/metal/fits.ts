// Never compiled into an image: the kernel's side against the contract.
import * as here from "./request";

export const fits: typeof import("mercury:switch") = here;
