import * as x from "../../../wasm/expression.ts";
import { long64 as l, type Long } from "../../../wasm/expression.ts";
import type { FunctionBuilder } from "../../../wasm/function.ts";
import { binary, giveUpUnless, LOW, one, returnRounded, returnZero, shift } from "./helpers.ts";
import { BIAS, exponentOf, INTEGER_BIT, isNormal, isZero, NOTHING, SIGN } from "./number.ts";

/** a / b. */
export function divideBody(round: number): Uint8Array {
  const operands = binary();
  const { f, a, b } = operands;
  const sign = f.let(x.and(x.xor(a.top, b.top), x.int(SIGN)));
  giveUpUnless(f, isNormal(b));
  f.if(isZero(a), () => returnZero(operands, sign));
  giveUpUnless(f, isNormal(a));
  const exponent = f.variable(x.add(x.sub(exponentOf(a), exponentOf(b)), x.int(BIAS)));
  // A dividend below the divisor gives a quotient of 64 bits.
  const high = f.variable(a.significand);
  const low = f.variable(NOTHING);
  f.if(
    l.ltU(high, b.significand),
    () => f.set(exponent, x.sub(exponent, x.int(1))),
    () => {
      f.set(low, l.shl(high, shift(63)));
      f.set(high, l.shrU(high, one));
    },
  );
  const first = digit(f, high, l.shrU(low, shift(32)), b.significand);
  const second = digit(f, first.rest, l.and(low, LOW), b.significand);
  const quotient = f.let(l.or(l.shl(first.digit, shift(32)), second.digit));
  returnRounded(operands, round, quotient, halves(f, second.rest, b.significand), sign, exponent);
  f.unreachable();
  return f.body();
}

/**
 * One digit of 32 bits of (rest * 2^32 + next) / divisor, and what is left: Knuth, The Art of Computer Programming 4.3.1,
 * algorithm D, with a divisor whose highest bit is set.
 */
function digit(f: FunctionBuilder, rest: Long, next: Long, divisor: Long): { digit: Long; rest: Long } {
  const half = shift(32);
  const top = f.let(l.shrU(divisor, half));
  const bottom = f.let(l.and(divisor, LOW));
  const following = f.let(next);
  const guess = f.variable(l.divU(rest, top));
  const left = f.variable(l.sub(rest, l.mul(guess, top)));
  f.block((end) =>
    f.loop((again) => {
      const tooLarge = l.ne(l.shrU(guess, half), NOTHING);
      const beyond = l.gtU(l.mul(guess, bottom), l.or(l.shl(left, half), following));
      f.branchIf(end, x.isZero(x.or(tooLarge, beyond)));
      f.set(guess, l.sub(guess, one));
      f.set(left, l.add(left, top));
      f.branchIf(again, l.isZero(l.shrU(left, half)));
    }),
  );
  const remaining = f.let(l.sub(l.or(l.shl(rest, half), following), l.mul(guess, divisor)));
  return { digit: guess, rest: remaining };
}

/** rest / divisor as far as rounding looks at it: nothing, below a half, a half, above. */
function halves(f: FunctionBuilder, rest: Long, divisor: Long): Long {
  const other = f.let(l.sub(divisor, rest));
  const below = x.select(l.ltU(rest, other), one, INTEGER_BIT);
  const fraction = x.select(l.gtU(rest, other), x.long(-1n), below);
  return f.let(x.select(l.isZero(rest), NOTHING, fraction));
}
