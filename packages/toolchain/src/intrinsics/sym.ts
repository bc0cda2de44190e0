import type { ImportResolver } from "../backend/lowering.ts";

/** Imports of `sym`: the link-time address of the symbol of that name, as a constant. */
export const symImports: ImportResolver = (module, name) => (module === "sym" ? { kind: "address", symbol: name } : undefined);
