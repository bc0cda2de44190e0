import { flag } from "../../fpu/operation.ts";
import type { Lane } from "./arithmetic.ts";
import type { Environment } from "./environment.ts";
import { isNaN, type Precision, type Real, unpack } from "./number.ts";

export type Relation = "less" | "equal" | "greater" | "unordered";

/** How two operands compare; `quietIsInvalid`: every NaN is an invalid operand, not only signaling ones. */
export function relate(environment: Environment, p: Precision, first: bigint, second: bigint, quietIsInvalid: boolean): Relation {
  const a = unpack(first, p, environment);
  const b = unpack(second, p, environment);
  if (isNaN(a) || isNaN(b)) {
    if (quietIsInvalid || a.kind === "signaling" || b.kind === "signaling") environment.raise(flag.invalid);
    return "unordered";
  }
  if (a.denormal || b.denormal) environment.raise(flag.denormal);
  const difference = orderOf(p, a) - orderOf(p, b);
  if (difference === 0n) return "equal";
  return difference < 0n ? "less" : "greater";
}

/** Bit patterns without their sign are in the order of the numbers. */
function orderOf(p: Precision, { kind, sign, bits }: Real): bigint {
  if (kind === "zero") return 0n;
  return sign === 0 ? bits : -(bits - p.sign);
}

/** MIN and MAX: the source, unless the destination is less or greater; so also when a NaN or two zeros are compared (SDM 2B). */
const choose =
  (wanted: Relation): Lane =>
  (environment, p, a, b) => {
    const chosen = relate(environment, p, a, b, true) === wanted ? a : b;
    const value = unpack(chosen, p, environment);
    return value.bits;
  };

export const minimum: Lane = choose("less");
export const maximum: Lane = choose("greater");

/** Which relations a predicate is true of, and whether it minds quiet NaNs (SDM 2A table 3-1). */
const predicates: readonly { readonly truth: readonly Relation[]; readonly quietIsInvalid: boolean }[] = [
  { truth: ["equal"], quietIsInvalid: false },
  { truth: ["less"], quietIsInvalid: true },
  { truth: ["less", "equal"], quietIsInvalid: true },
  { truth: ["unordered"], quietIsInvalid: false },
  { truth: ["less", "greater", "unordered"], quietIsInvalid: false },
  { truth: ["equal", "greater", "unordered"], quietIsInvalid: true },
  { truth: ["greater", "unordered"], quietIsInvalid: true },
  { truth: ["less", "equal", "greater"], quietIsInvalid: false },
];

/** CMPPS and its like: all ones or all zeros. Of the constant three bits count. */
export function compare(predicate: number): Lane {
  const { truth = [], quietIsInvalid = false } = predicates[predicate & 7] ?? {};
  return (environment, p, a, b) => {
    const holds = truth.includes(relate(environment, p, a, b, quietIsInvalid));
    return holds ? p.sign | (p.sign - 1n) : 0n;
  };
}
