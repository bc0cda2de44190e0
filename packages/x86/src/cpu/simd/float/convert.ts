import { flag, rounding } from "../../fpu/operation.ts";
import { roundShift } from "../../fpu/round.ts";
import type { Lane } from "./arithmetic.ts";
import { double, isNaN, type Precision, signed, single, unpack } from "./number.ts";
import { round } from "./round.ts";

/** Integer indefinite: what an invalid conversion gives (SDM 1 table 4-1). */
const INTEGER_INDEFINITE = 0x80000000n;

/** To a signed doubleword, by rounding control or by truncation; `p` is the source's format. */
const toInteger =
  (truncates: boolean): Lane =>
  (environment, p, _destination, source) => {
    const a = unpack(source, p, environment);
    if (a.kind === "zero") return 0n;
    const mode = truncates ? rounding.truncate : environment.rounding;
    const finite = a.kind === "finite" && a.scale < 64;
    const { value, inexact } = finite ? roundShift(a.magnitude, -a.scale, mode, a.sign) : { value: 1n << 64n, inexact: false };
    const result = a.sign === 0 ? value : -value;
    if (BigInt.asIntN(32, result) !== result) {
      environment.raise(flag.invalid);
      return INTEGER_INDEFINITE;
    }
    if (inexact) environment.raise(flag.precision);
    return BigInt.asUintN(32, result);
  };

export const roundToInteger: Lane = toInteger(false);
export const truncateToInteger: Lane = toInteger(true);

/** From a signed doubleword; `p` is the result's format. */
export const fromInteger: Lane = (environment, p, _destination, source) => {
  const value = BigInt.asIntN(32, source);
  return round(environment, p, value < 0n ? 1 : 0, value < 0n ? -value : value, 0);
};

const between =
  (from: Precision, to: Precision): Lane =>
  (environment, _p, _destination, source) => {
    const a = unpack(source, from, environment);
    if (isNaN(a)) {
      if (a.kind === "signaling") environment.raise(flag.invalid);
      // The upper bits of the fraction stay.
      const fraction = from.size === 4 ? a.magnitude << 29n : a.magnitude >> 29n;
      return signed(to, a.sign, to.infinity | fraction | to.quiet);
    }
    if (a.kind === "infinity") return signed(to, a.sign, to.infinity);
    if (a.denormal) environment.raise(flag.denormal);
    return round(environment, to, a.sign, a.magnitude, a.scale);
  };

export const widen: Lane = between(single, double);
export const narrow: Lane = between(double, single);
