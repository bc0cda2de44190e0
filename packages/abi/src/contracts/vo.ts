import type { Layer } from "./layer.ts";

/** Virtual objects: native and virtual body of every operation in voOperations. Its metal exports `native_NAME` and `virtual_NAME` of the cold ones; its stubs define the thunks. */
export type VoLayer = Layer<"vo">;
