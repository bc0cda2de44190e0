import { type Extended, indefinite, isNaN, kindOf, QUIET_BIT } from "./number.ts";
import { flag, type Operation } from "./operation.ts";

export const quiet = (value: Extended): Extended => ({ ...value, significand: value.significand | QUIET_BIT });

/** A masked invalid operation. */
export function invalid(operation: Operation): Extended {
  operation.raise(flag.invalid);
  return indefinite;
}

/**
 * The result of an operation with an operand that is no number: invalid for unsupported encodings and signaling NaNs,
 * otherwise the NaN of SDM 1 table 4-7. Undefined when all operands are numbers.
 */
export function special(operation: Operation, a: Extended, b: Extended = a): Extended | undefined {
  const [first, second] = [kindOf(a), kindOf(b)];
  if (first === "unsupported" || second === "unsupported") return invalid(operation);
  if (first === "signaling" || second === "signaling") operation.raise(flag.invalid);
  if (!isNaN(a)) return isNaN(b) ? quiet(b) : undefined;
  if (!isNaN(b)) return quiet(a);
  if (first !== second) return first === "quiet" ? a : b;
  return larger(quiet(a), quiet(b));
}

/** The NaN with the larger significand; of equal ones the positive. */
function larger(a: Extended, b: Extended): Extended {
  if (a.significand !== b.significand) return a.significand > b.significand ? a : b;
  return a.sign <= b.sign ? a : b;
}

/** Tells denormal operands. */
export function noteDenormal(operation: Operation, ...values: readonly Extended[]): void {
  if (values.some((value) => kindOf(value) === "denormal")) operation.raise(flag.denormal);
}
