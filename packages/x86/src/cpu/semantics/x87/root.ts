import * as x from "../../../wasm/expression.ts";
import { long64 as l, type Long } from "../../../wasm/expression.ts";
import type { FunctionBuilder, Variable } from "../../../wasm/function.ts";
import type { I64 } from "../../../wasm/opcodes.ts";
import { binary, giveUpUnless, LOW, one, product, returnRounded, returnZero, shift } from "./helpers.ts";
import { BIAS, exponentOf, isNormal, isZero, NOTHING, signOf } from "./number.ts";

/** The square root of a; b is not used. */
export function rootBody(round: number): Uint8Array {
  const operands = binary();
  const { f, a } = operands;
  f.if(isZero(a), () => returnZero(operands, signOf(a)));
  giveUpUnless(f, x.and(isNormal(a), x.isZero(signOf(a))));
  const exponent = f.let(x.sub(exponentOf(a), x.int(BIAS)));
  // With an even power of two, the root of 127 or 128 bits has 64.
  const odd = f.let(x.and(exponent, x.int(1)));
  const high = f.let(x.select(odd, a.significand, l.shrU(a.significand, one)));
  const low = f.let(x.select(odd, NOTHING, l.shl(a.significand, shift(63))));
  const root = f.variable(l.shl(firstHalf(f, high), shift(32)));
  refine(f, root, high, low);
  const { restHigh, restLow } = settle(f, root, high, low);
  // (root + 1/2)^2 is root^2 + root and a quarter, so it is never met.
  const exact = x.and(l.isZero(restHigh), l.isZero(restLow));
  const above = x.or(l.ne(restHigh, NOTHING), l.gtU(restLow, root));
  const fraction = x.select(exact, NOTHING, x.select(above, x.long(-1n), one));
  returnRounded(operands, round, root, fraction, x.int(0), x.add(x.shrS(exponent, x.int(1)), x.int(BIAS)));
  f.unreachable();
  return f.body();
}

/** The whole root of 64 bits. */
function firstHalf(f: FunctionBuilder, value: Long): Long {
  const root = f.variable(x.nearlyRoot(value));
  f.if(l.ne(l.shrU(root, shift(32)), NOTHING), () => f.set(root, LOW));
  f.if(l.ltU(value, l.mul(root, root)), () => f.set(root, l.sub(root, one)));
  f.if(l.gtU(l.sub(value, l.mul(root, root)), l.shl(root, one)), () => f.set(root, l.add(root, one)));
  return root;
}

/** Adds the lower half: the rest of the upper one, divided by twice the root (Zimmermann, Karatsuba Square Root, 1999). */
function refine(f: FunctionBuilder, root: Variable<typeof I64>, high: Long, low: Long): void {
  const upper = f.let(l.shrU(root, shift(32)));
  const rest = f.let(l.sub(high, l.mul(upper, upper)));
  const digit = f.let(l.divU(l.or(l.shl(rest, shift(31)), l.shrU(low, shift(33))), upper));
  f.set(root, l.or(root, x.select(l.gtU(digit, LOW), LOW, digit)));
}

/** Corrects a root that is too large by little; gives what its square leaves. */
function settle(
  f: FunctionBuilder,
  root: Variable<typeof I64>,
  high: Long,
  low: Long,
): { restHigh: Variable<typeof I64>; restLow: Variable<typeof I64> } {
  const restHigh = f.variable(NOTHING);
  const restLow = f.variable(NOTHING);
  f.block((end) =>
    f.loop((again) => {
      const square = product(f, root, root);
      f.set(restLow, l.sub(low, square.low));
      f.set(restHigh, l.sub(l.sub(high, square.high), x.extendUnsigned(l.ltU(low, square.low))));
      f.branchIf(end, x.isZero(l.ltS(restHigh, NOTHING)));
      f.set(root, l.sub(root, one));
      f.branch(again);
    }),
  );
  return { restHigh, restLow };
}
