import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type MetalExports, metal } from "../src/testing.ts";

/** What the DIV instruction does (SDM 2A DIV). */
function divideWide(high: number, low: number, divisor: number): bigint {
  const dividend = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  const by = BigInt(divisor >>> 0);
  if (by === 0n || dividend / by > 0xffff_ffffn) throw new Error("#DE");
  return ((dividend % by) << 32n) | (dividend / by);
}

const u64 = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.nat(64).map((bit) => (1n << BigInt(bit)) - 1n),
  fc.bigInt(0n, 2n ** 33n),
);
const i64 = u64.map((value) => BigInt.asIntN(64, value));

describe("64-bit division", () => {
  let exports: MetalExports;
  beforeAll(async () => {
    exports = await metal("@mercury/toolchain/metal/divide", new URL("../", import.meta.url), { x86: { divideWide } });
  });

  test("agrees with exact arithmetic, unsigned", () => {
    fc.assert(
      fc.property(
        u64,
        u64.filter((value) => value !== 0n),
        (dividend, divisor) => {
          expect(BigInt.asUintN(64, exports["divideUnsigned64"]?.(dividend, divisor) as bigint)).toBe(dividend / divisor);
          expect(BigInt.asUintN(64, exports["remainderUnsigned64"]?.(dividend, divisor) as bigint)).toBe(dividend % divisor);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("agrees with exact arithmetic, signed", () => {
    fc.assert(
      fc.property(
        i64,
        i64.filter((value) => value !== 0n),
        (dividend, divisor) => {
          fc.pre(dividend !== -(2n ** 63n) || divisor !== -1n);
          expect(exports["divideSigned64"]?.(dividend, divisor)).toBe(dividend / divisor);
          expect(exports["remainderSigned64"]?.(dividend, divisor)).toBe(dividend % divisor);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test("has no result for a divisor of zero and for the one quotient that overflows", () => {
    expect(() => exports["divideUnsigned64"]?.(5n, 0n)).toThrow("#DE");
    expect(() => exports["divideSigned64"]?.(-(2n ** 63n), -1n)).toThrow();
    expect(exports["remainderSigned64"]?.(-(2n ** 63n), -1n)).toBe(0n);
  });
});
