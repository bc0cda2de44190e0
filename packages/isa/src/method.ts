import type { Method } from "./row.ts";

/** ModRM.rm chooses the operand, and a mod below 3 puts it into memory. */
export const takesMemory = (method: Method): boolean => method === "E" || method === "M" || method === "Q" || method === "W";

/** ModRM.rm is a register, and nothing else: a mod below 3 is another form or #UD. */
export const isRegisterOnly = (method: Method): boolean => method === "R" || method === "N" || method === "U";

/** Registers by the class that a method names, MMX or XMM; undefined for all others. */
export function vectorClass(method: Method): "mmx" | "xmm" | undefined {
  if (method === "P" || method === "Q" || method === "N") return "mmx";
  return method === "V" || method === "W" || method === "U" ? "xmm" : undefined;
}

/** ModRM.reg is the register, rather than ModRM.rm. */
export const isInReg = (method: Method): boolean => method === "G" || method === "P" || method === "V";
