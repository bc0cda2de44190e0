/**
 * Elementary functions of fixed-point numbers: a bigint `v` with `bits` of fraction stands for v / 2^bits. Results are off by a
 * few units of their last place; callers choose `bits` so that their result has more than GUARD correct ones.
 */

/** Correct bits of significand that every function here is computed to, before its result is rounded to 64. */
export const GUARD = 96;

/** Bits to compute with for a value whose highest bit stands for 2^exponent. */
export const bitsFor = (exponent: number): number => GUARD + 32 + Math.max(0, -exponent);

const multiply = (a: bigint, b: bigint, bits: number): bigint => (a * b) >> BigInt(bits);
const divide = (a: bigint, b: bigint, bits: number): bigint => (a << BigInt(bits)) / b;

/** atanh(1 / n) or, alternating, atan(1 / n), of a whole number. */
function inverse(n: bigint, bits: number, alternating: boolean): bigint {
  const square = n * n;
  let power = (1n << BigInt(bits)) / n;
  let sum = 0n;
  for (let k = 0n; power !== 0n; k++) {
    const term = power / (2n * k + 1n);
    sum += alternating && (k & 1n) === 1n ? -term : term;
    power /= square;
  }
  return sum;
}

/** Bits of the constants; functions take what they need. */
const CONSTANT_BITS = 512;
const constant = (value: bigint): ((bits: number) => bigint) => {
  return (bits) => (bits <= CONSTANT_BITS ? value >> BigInt(CONSTANT_BITS - bits) : value << BigInt(bits - CONSTANT_BITS));
};

const atanhOf = (n: bigint): bigint => inverse(n, CONSTANT_BITS, false);
const atanOf = (n: bigint): bigint => inverse(n, CONSTANT_BITS, true);

const PI = 16n * atanOf(5n) - 4n * atanOf(239n);
const LN2 = 18n * atanhOf(26n) - 2n * atanhOf(4801n) + 8n * atanhOf(8749n);
const LN10 = 46n * atanhOf(31n) + 34n * atanhOf(49n) + 20n * atanhOf(161n);

/** Machin's formula. */
export const pi: (bits: number) => bigint = constant(PI);
export const ln2: (bits: number) => bigint = constant(LN2);
export const log2e: (bits: number) => bigint = constant(divide(1n << BigInt(CONSTANT_BITS), LN2, CONSTANT_BITS));
export const log2ten: (bits: number) => bigint = constant(divide(LN10, LN2, CONSTANT_BITS));
export const log10two: (bits: number) => bigint = constant(divide(LN2, LN10, CONSTANT_BITS));

/** Halvings of the argument of the exponential, so that its series is short. */
const HALVINGS = 8;

/** e^x - 1 for |x| < 1. */
export function expm1(x: bigint, bits: number): bigint {
  const guarded = bits + HALVINGS;
  // x / 2^HALVINGS with HALVINGS more bits is the same number.
  const small = x;
  let term = small;
  let sum = 0n;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = multiply(term, small, guarded) / (n + 1n);
  }
  let value = sum;
  for (let step = 0; step < HALVINGS; step++) value = 2n * value + multiply(value, value, guarded);
  return value >> BigInt(HALVINGS);
}

/** ln(1 + x) for x between -1/2 and 1. */
export function log1p(x: bigint, bits: number): bigint {
  const ratio = divide(x, (2n << BigInt(bits)) + x, bits);
  const square = multiply(ratio, ratio, bits);
  let power = ratio;
  let sum = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = multiply(power, square, bits);
  }
  return 2n * sum;
}

/** Steps of the table of arctangents. */
const STEPS = 16;
const arctangents = Array.from({ length: STEPS + 1 }, (_, step) =>
  constant(series((BigInt(step) << BigInt(CONSTANT_BITS)) / BigInt(STEPS), CONSTANT_BITS)),
);

/** The arctangent of 0 to 1 by halving the angle twice, then its series. */
function series(x: bigint, bits: number): bigint {
  let value = x;
  const unit = 1n << BigInt(bits);
  for (let halving = 0; halving < 2; halving++) value = divide(value, unit + root(unit * unit + value * value), bits);
  return alternating(value, bits) << 2n;
}

/** Largest integer whose square is at most `value`. */
function root(value: bigint): bigint {
  let guess = 1n << BigInt((value.toString(16).length * 4 + 2) >> 1);
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

function alternating(x: bigint, bits: number): bigint {
  const square = multiply(x, x, bits);
  let power = x;
  let sum = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += (k & 2n) === 0n ? power / k : -(power / k);
    power = multiply(power, square, bits);
  }
  return sum;
}

/** atan(x) for 0 <= x <= 1. */
export function arctangent(x: bigint, bits: number): bigint {
  const step = Number((x * BigInt(STEPS) + (1n << BigInt(bits - 1))) >> BigInt(bits));
  const nearest = arctangents[step];
  if (step === 0 || nearest === undefined) return alternating(x, bits);
  const tangent = (BigInt(step) << BigInt(bits)) / BigInt(STEPS);
  const rest = divide(x - tangent, (1n << BigInt(bits)) + multiply(x, tangent, bits), bits);
  return nearest(bits) + alternating(rest, bits);
}

/** sin(x) for |x| <= 1. */
export function sine(x: bigint, bits: number): bigint {
  return taylor(x, x, 1n, bits);
}

/** cos(x) for |x| <= 1. */
export function cosine(x: bigint, bits: number): bigint {
  return taylor(x, 1n << BigInt(bits), 0n, bits);
}

/** first - first x^2 / ((k + 1) (k + 2)) + ... */
function taylor(x: bigint, first: bigint, start: bigint, bits: number): bigint {
  const square = multiply(x, x, bits);
  let term = first;
  let sum = 0n;
  for (let k = start; term !== 0n && term !== -1n; k += 2n) {
    sum += term;
    term = -multiply(term, square, bits) / ((k + 1n) * (k + 2n));
  }
  return sum;
}
