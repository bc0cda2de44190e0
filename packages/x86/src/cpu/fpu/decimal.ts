/** Packed decimals: 18 digits and a sign in 10 bytes (SDM 1 4.7.2, 8.2). */
import { type Extended, zero } from "./number.ts";
import { toInteger } from "./convert.ts";
import { flag, type Operation } from "./operation.ts";
import { pack } from "./round.ts";

const DIGITS = 18;
const LIMIT = 10n ** BigInt(DIGITS);
const SIGN_BIT: bigint = 1n << 79n;
/** SDM 1 4.7.2, table 4-4: packed BCD indefinite. */
const DECIMAL_INDEFINITE = 0xffffc000000000000000n;

/** The register value of 80 bits; digits above 9 count as what their bits say, as processors take them. */
export function fromDecimal(bits: bigint): Extended {
  const sign = (bits & SIGN_BIT) === 0n ? 0 : 1;
  let value = 0n;
  for (let digit = DIGITS - 1; digit >= 0; digit--) value = value * 10n + ((bits >> BigInt(digit * 4)) & 15n);
  return value === 0n ? zero(sign) : pack(sign, value, 0);
}

/** 80 bits; what has more than 18 digits is invalid. */
export function toDecimal(operation: Operation, value: Extended): bigint {
  const whole = toInteger(operation, value);
  const magnitude = whole === undefined ? LIMIT : whole < 0n ? -whole : whole;
  if (magnitude >= LIMIT) {
    operation.flags = flag.invalid;
    operation.roundedUp = false;
    return DECIMAL_INDEFINITE;
  }
  return (value.sign === 0 ? 0n : SIGN_BIT) | BigInt(`0x${magnitude.toString()}`);
}
