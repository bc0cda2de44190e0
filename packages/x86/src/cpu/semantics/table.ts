import { isVector, isX87, rows, type Mnemonic, type Row } from "@mercury/isa";
import { arithmetic } from "./arithmetic.ts";
import { bits } from "./bit.ts";
import { conditional } from "./condition.ts";
import { control } from "./control.ts";
import { data } from "./data.ts";
import { multiplication } from "./multiply.ts";
import { shifts } from "./shift.ts";
import { vectors } from "./simd/table.ts";
import { stack } from "./stack.ts";
import { strings } from "./string.ts";
import type { Semantics, SemanticsTable } from "./semantics.ts";
import { floatSemantics } from "./x87/table.ts";

/**
 * How a form is executed.
 *
 * - `code`: its semantics make code
 * - `assist`: a function of the host does it, and the block goes on (`cpu/assist`)
 * - `system`: a function of the host does it, and the block ends, because segments, mode, privilege, interrupts or
 *   the clock may be touched (`cpu/system`)
 * - `undefined`: #UD
 */
export type Execution =
  | { readonly by: "code"; readonly semantics: Semantics }
  | { readonly by: "assist" }
  | { readonly by: "system" }
  | { readonly by: "undefined" };

const code: SemanticsTable = {
  ...arithmetic,
  ...multiplication,
  ...shifts,
  ...bits,
  ...data,
  ...stack,
  ...conditional,
  ...control,
  ...strings,
};

const assists: ReadonlySet<Mnemonic> = new Set<Mnemonic>([
  "aaa",
  "aas",
  "aad",
  "aam",
  "daa",
  "das",
  "xlat",
  "cmpxchg8b",
  "pusha",
  "popa",
  "enter",
  "bound",
  "arpl",
  "lar",
  "lsl",
  "verr",
  "verw",
  "sgdt",
  "sidt",
  "sldt",
  "str",
  "smsw",
  "cpuid",
  "rdmsr",
  "rdtsc",
  "rdpmc",
  "wait",
  "ldmxcsr",
  "stmxcsr",
  "fxsave",
  "fxrstor",
  "clflush",
  "maskmovq",
  "maskmovdqu",
]);

const systems: ReadonlySet<Mnemonic> = new Set<Mnemonic>([
  "callf",
  "jmpf",
  "retf",
  "int",
  "int1",
  "int3",
  "into",
  "iret",
  "sysenter",
  "sysexit",
  "les",
  "lds",
  "lss",
  "lfs",
  "lgs",
  "popf",
  "hlt",
  "in",
  "out",
  "insb",
  "insd",
  "outsb",
  "outsd",
  "lgdt",
  "lidt",
  "lldt",
  "ltr",
  "lmsw",
  "clts",
  "wrmsr",
  "invd",
  "wbinvd",
  "invlpg",
]);

/** #UD by definition; RSM because nothing enters system-management mode (SDM 3C 31.3). */
const undefinedForms: ReadonlySet<Mnemonic> = new Set<Mnemonic>(["ud0", "ud1", "ud2", "rsm"]);

/** MOV and POP of segment, control and debug registers share their names with moves of data. */
function loadsSystemRegister(row: Row): boolean {
  if (row.mnemonic !== "mov" && row.mnemonic !== "pop") return false;
  const [first, second] = row.operands;
  if (first === undefined) return false;
  if (first.method === "S" || first.method === "C" || first.method === "D") return true;
  if (second?.method === "C" || second?.method === "D") return true;
  return row.mnemonic === "pop" && first.method === "fixed";
}

function execution(row: Row): Execution | undefined {
  const { mnemonic } = row;
  if (undefinedForms.has(mnemonic)) return { by: "undefined" };
  if (loadsSystemRegister(row) || systems.has(mnemonic)) return { by: "system" };
  const float = isX87(row) ? floatSemantics(row) : undefined;
  if (float !== undefined) return { by: "code", semantics: float };
  if (assists.has(mnemonic) || isX87(row)) return { by: "assist" };
  const semantics = (isVector(row) ? vectors : code)[mnemonic];
  return semantics === undefined ? undefined : { by: "code", semantics };
}

/** By row id; undefined: the row has no semantics yet, and raises #UD. */
export const executions: readonly (Execution | undefined)[] = rows.map(execution);
