import type { Layer } from "./layer.ts";

/** The hypervisor. Its metal exports the functions of `mercury:vmm`; its stubs define the vmmHeader and the entries. */
export type VmmLayer = Layer<"vmm">;
