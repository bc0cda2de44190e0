import type { ImportResolver } from "../backend/lowering.ts";

/** Imports of `asm`: calls of hand-written stubs by the calling convention of compiled code. */
export const asmImports: ImportResolver = (module, name) => (module === "asm" ? { kind: "call", symbol: name } : undefined);
