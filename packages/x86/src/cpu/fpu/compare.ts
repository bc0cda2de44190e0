import { noteDenormal } from "./nan.ts";
import { type Extended, isNaN, kindOf, scaleOf } from "./number.ts";
import { flag, type Operation } from "./operation.ts";

export type Order = "greater" | "less" | "equal" | "unordered";

/** Compares; `quietly` (FUCOM) only signaling NaNs and unsupported encodings are invalid (SDM 2A "FUCOM"). */
export function compare(operation: Operation, a: Extended, b: Extended, quietly: boolean): Order {
  const kinds = [kindOf(a), kindOf(b)];
  if (kinds.includes("unsupported")) {
    operation.raise(flag.invalid);
    return "unordered";
  }
  if (isNaN(a) || isNaN(b)) {
    if (!quietly || kinds.includes("signaling")) operation.raise(flag.invalid);
    return "unordered";
  }
  noteDenormal(operation, a, b);
  const [first, second] = [signed(a), signed(b)];
  if (first === second) return "equal";
  return first > second ? "greater" : "less";
}

/** A number that orders as the operand does: exponent and significand as one integer, which pseudo-denormals fit into. */
function signed(value: Extended): bigint {
  const { significand } = value;
  const magnitude = significand === 0n ? 0n : (BigInt(scaleOf(value) + 0x8000) << 64n) | significand;
  return value.sign === 0 ? magnitude : -magnitude;
}
