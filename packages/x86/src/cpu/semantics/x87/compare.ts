import * as x from "../../../wasm/expression.ts";
import { long64 as l } from "../../../wasm/expression.ts";
import { binary, giveUpUnless, isLess } from "./helpers.ts";
import { isNormal, isZero, signOf } from "./number.ts";

/** How `floatCompare` answers; 0 is no answer. */
export const order = { greater: 1, less: 2, equal: 3 } as const;

/** Compares numbers and zeros; the target is not used. */
export function compareBody(): Uint8Array {
  const { f, a, b } = binary();
  giveUpUnless(f, x.and(x.or(isNormal(a), isZero(a)), x.or(isNormal(b), isZero(b))));
  f.if(x.and(isZero(a), isZero(b)), () => f.return(x.int(order.equal)));
  f.if(x.ne(signOf(a), signOf(b)), () => f.return(x.select(signOf(a), x.int(order.less), x.int(order.greater))));
  const same = x.and(x.eq(a.top, b.top), l.eq(a.significand, b.significand));
  f.if(same, () => f.return(x.int(order.equal)));
  const smaller = x.xor(isLess(a, b), x.ne(signOf(a), x.int(0)));
  f.return(x.select(smaller, x.int(order.less), x.int(order.greater)));
  f.unreachable();
  return f.body();
}
