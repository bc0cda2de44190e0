import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, type Binary, divide, multiply, squareRoot, subtract } from "./arithmetic.ts";
import { double, fromReal, single, toReal } from "./convert.ts";
import { extended, type Extended, indefinite, infinity, INTEGER_BIT, kindOf, negate, one, QUIET_BIT, zero } from "./number.ts";
import { flag, Operation, rounding } from "./operation.ts";
import { remainder } from "./remainder.ts";
import { extract, scale } from "./scale.ts";

const MASKED = 0x37f;
const DOUBLE_PRECISION = 0x27f;
const SINGLE_PRECISION = 0x07f;

const view = new DataView(new ArrayBuffer(8));
function ofNumber(value: number): Extended {
  view.setFloat64(0, value);
  return fromReal(view.getBigUint64(0), double);
}
function toNumber(value: Extended, control = MASKED): number {
  view.setBigUint64(0, toReal(new Operation(control), value, double));
  return view.getFloat64(0);
}

const two = ofNumber(2);
const quietNaN = extended(0, 0x7fff, INTEGER_BIT | QUIET_BIT | 5n);
const signalingNaN = extended(1, 0x7fff, INTEGER_BIT | 9n);
const unnormal = extended(0, 0x4000, 1n);
const denormal = extended(0, 0, 1n);
const [plusZero, minusZero, plusInfinity, minusInfinity] = [zero(0), zero(1), infinity(0), infinity(1)];

const operations: Readonly<Record<string, Binary>> = { add, subtract, multiply, divide };

describe("special operands", () => {
  it.each<[string, Extended, Extended, Extended, number]>([
    ["add", plusInfinity, minusInfinity, indefinite, flag.invalid],
    ["add", plusInfinity, two, plusInfinity, 0],
    ["add", minusZero, minusZero, minusZero, 0],
    ["add", minusZero, plusZero, plusZero, 0],
    ["add", two, negate(two), plusZero, 0],
    ["subtract", minusInfinity, minusInfinity, indefinite, flag.invalid],
    ["subtract", minusZero, plusZero, minusZero, 0],
    ["multiply", plusInfinity, minusZero, indefinite, flag.invalid],
    ["multiply", negate(two), plusInfinity, minusInfinity, 0],
    ["multiply", negate(two), plusZero, minusZero, 0],
    ["divide", two, minusZero, minusInfinity, flag.zeroDivide],
    ["divide", plusZero, plusZero, indefinite, flag.invalid],
    ["divide", plusInfinity, minusInfinity, indefinite, flag.invalid],
    ["divide", plusInfinity, plusZero, plusInfinity, 0],
    ["divide", two, minusInfinity, minusZero, 0],
    ["divide", denormal, plusZero, plusInfinity, flag.zeroDivide],
    ["add", quietNaN, two, quietNaN, 0],
    ["add", quietNaN, denormal, quietNaN, 0],
    ["add", signalingNaN, two, { ...signalingNaN, significand: signalingNaN.significand | QUIET_BIT }, flag.invalid],
    ["add", signalingNaN, quietNaN, quietNaN, flag.invalid],
    ["add", unnormal, two, indefinite, flag.invalid],
    ["multiply", denormal, two, extended(0, 0, 2n), flag.denormal],
  ])("%s: SDM 2A's tables", (name, a, b, result, flags) => {
    const operation = new Operation(MASKED);
    expect([operations[name]?.(operation, a, b), operation.flags]).toEqual([result, flags]);
  });

  it("an exact difference is -0 when rounding down", () => {
    expect(add(new Operation(MASKED | (rounding.down << 10)), two, negate(two))).toEqual(minusZero);
  });

  it("takes roots of zeros and infinity, and of nothing negative", () => {
    const operation = new Operation(MASKED);
    expect([minusZero, plusInfinity].map((value) => squareRoot(operation, value))).toEqual([minusZero, plusInfinity]);
    expect(operation.flags).toBe(0);
    expect([squareRoot(operation, negate(two)), operation.flags]).toEqual([indefinite, flag.invalid]);
  });
});

describe("overflow and underflow", () => {
  const largest = extended(0, 0x7ffe, -1n & 0xffff_ffff_ffff_ffffn);
  const smallest = extended(0, 1, INTEGER_BIT);

  it.each([
    [rounding.nearest, plusInfinity],
    [rounding.up, plusInfinity],
    [rounding.down, largest],
    [rounding.truncate, largest],
  ])("rounds what is too large by mode %i (SDM 1 table 4-10)", (mode, result) => {
    const operation = new Operation(MASKED | (mode << 10));
    expect([multiply(operation, largest, two), operation.flags]).toEqual([result, flag.overflow | flag.precision]);
  });

  it("delivers the biased result of an unmasked overflow (SDM 1 8.5.4)", () => {
    const operation = new Operation(MASKED & ~flag.overflow);
    expect(multiply(operation, largest, largest)).toEqual(extended(0, 2 * 0x7ffe + 1 - 16383 - 0x6000, largest.significand - 1n));
    expect(operation.flags).toBe(flag.overflow | flag.precision);
  });

  it("tells masked underflow only of inexact results, unmasked of all (SDM 1 4.9.1.5)", () => {
    const masked = new Operation(MASKED);
    expect([divide(masked, smallest, two), masked.flags]).toEqual([extended(0, 0, INTEGER_BIT >> 1n), 0]);
    const unmasked = new Operation(MASKED & ~flag.underflow);
    expect([divide(unmasked, smallest, two), unmasked.flags]).toEqual([extended(0, 0x6000, INTEGER_BIT), flag.underflow]);
  });

  it("makes a denormal of what is rounded into reach", () => {
    const operation = new Operation(MASKED);
    expect(divide(operation, denormal, two)).toEqual(plusZero);
    expect(operation.flags).toBe(flag.denormal | flag.underflow | flag.precision);
    expect(divide(new Operation(MASKED | (rounding.up << 10)), denormal, two)).toEqual(denormal);
  });
});

/** Numbers of moderate size, so that results are normal doubles. */
const moderate = fc.double({ min: -1e100, max: 1e100, noNaN: true }).filter((value) => value === 0 || Math.abs(value) > 1e-100);

describe("with the precision of doubles the host's numbers are the reference", () => {
  it.each([
    ["add", (a: number, b: number) => a + b],
    ["subtract", (a: number, b: number) => a - b],
    ["multiply", (a: number, b: number) => a * b],
    ["divide", (a: number, b: number) => a / b],
  ] as const)("%s", (name, reference) => {
    const property = fc.property(moderate, moderate, (a, b) => {
      const expected = reference(a, b);
      fc.pre(Number.isFinite(expected) && (expected === 0 || Math.abs(expected) > 1e-290));
      const operation = new Operation(DOUBLE_PRECISION);
      const result = operations[name]?.(operation, ofNumber(a), ofNumber(b)) ?? indefinite;
      expect(toNumber(result)).toBe(expected);
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it("square root, and everything at the precision of singles", () => {
    const property = fc.property(moderate, moderate, (a, b) => {
      expect(toNumber(squareRoot(new Operation(DOUBLE_PRECISION), ofNumber(Math.abs(a))))).toBe(Math.sqrt(Math.abs(a)));
      const [x, y] = [Math.fround(a % 1e6), Math.fround(b % 1e6)];
      const product = multiply(new Operation(SINGLE_PRECISION), ofNumber(x), ofNumber(y));
      // A product of two singles is exact as a double.
      if (Math.abs(x * y) > 1e-30) expect(toNumber(product)).toBe(Math.fround(x * y));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("stores doubles and singles as the host does", () => {
    const property = fc.property(fc.double({ noNaN: true }), (value) => {
      expect(toNumber(ofNumber(value))).toBe(value);
      view.setUint32(0, Number(toReal(new Operation(MASKED), ofNumber(value), single)));
      expect(view.getFloat32(0)).toBe(Math.fround(value));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});

/** Any normal register value. */
const register = fc
  .tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0x3f00, max: 0x40ff }), fc.bigInt({ min: 0n, max: INTEGER_BIT - 1n }))
  .map(([sign, exponent, fraction]) => extended(sign, exponent, INTEGER_BIT | fraction));

describe("laws", () => {
  it("rounding up and down enclose the exact result, and are neighbours", () => {
    const property = fc.property(register, register, fc.constantFrom(add, multiply, divide), (a, b, operate) => {
      const down = new Operation(MASKED | (rounding.down << 10));
      const [low, high] = [operate(down, a, b), operate(new Operation(MASKED | (rounding.up << 10)), a, b)];
      const order = ({ sign, exponent, significand }: Extended): bigint => {
        const magnitude = (BigInt(exponent) << 63n) + (significand & (INTEGER_BIT - 1n));
        return sign === 0 ? magnitude : -magnitude;
      };
      expect(order(high) - order(low)).toBe((down.flags & flag.precision) === 0 ? 0n : 1n);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("scale and extract are inverse", () => {
    const property = fc.property(register, (value) => {
      const { exponent, significand } = extract(new Operation(MASKED), value);
      expect(scale(new Operation(MASKED), significand, exponent)).toEqual(value);
    });
    fc.assert(property);
  });

  it("remainders are exact, smaller than the divisor, and have the dividend's sign", () => {
    const property = fc.property(register, register, (a, b) => {
      const operation = new Operation(MASKED);
      const { value, partial } = remainder(operation, a, b, false);
      expect(operation.flags).toBe(0);
      if (partial || kindOf(value) === "zero") return;
      expect(value.sign).toBe(a.sign);
      expect(value.exponent <= b.exponent).toBe(true);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("1 / 3 is rounded away at C1", () => {
    const operation = new Operation(MASKED);
    expect(divide(operation, one, ofNumber(3)).significand).toBe(0xaaaa_aaaa_aaaa_aaabn);
    expect(operation.roundedUp).toBe(true);
  });
});
