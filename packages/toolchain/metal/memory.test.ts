import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MetalExports, metal } from "../src/testing.ts";
import { type ScratchPackage, scratchPackage } from "../src/testing/scratch.ts";

/** One access of the machine: the kind, its bits, and what was read or written. */
type Access = readonly [kind: "load" | "store", bits: number, value: number];

describe("Shared", () => {
  const accesses: Access[] = [];
  const cells = new Map<number, number>();
  let scratch: ScratchPackage;
  let exports: MetalExports;

  const load =
    (bits: number) =>
    (address: number): number => {
      const value = cells.get(address) ?? 0;
      accesses.push(["load", bits, value]);
      return value;
    };
  const store =
    (bits: number) =>
    (address: number, value: number): void => {
      const kept = bits === 32 ? value >>> 0 : value & (2 ** bits - 1);
      accesses.push(["store", bits, kept]);
      cells.set(address, kept);
    };

  beforeAll(async () => {
    scratch = scratchPackage("@acme/shared", {
      "metal/index.ts": `
      import { Shared } from "@mercury/toolchain/metal";
      const word = changetype<Shared<u32>>(memory.data(4));
      const half = changetype<Shared<u16>>(memory.data(2));
      const byte = changetype<Shared<u8>>(memory.data(1));
      const signed = changetype<Shared<i32>>(memory.data(4));
      export function twice(): u32 { return word.value - word.value; }
      export function increment(): u32 { word.value += 1; return word.value; }
      export function halves(value: u16): u16 { half.value = value; return half.value; }
      export function bytes(value: u8): u8 { byte.value = value; return byte.value; }
      export function negative(value: i32): bool { signed.value = value; return signed.value < 0; }
      export function address(): usize { return changetype<usize>(word); }`,
    });
    exports = await metal("@acme/shared/metal", pathToFileURL(`${scratch.root}/`), {
      x86: {
        volatileLoad8: load(8),
        volatileLoad16: load(16),
        volatileLoad32: load(32),
        volatileStore8: store(8),
        volatileStore16: store(16),
        volatileStore32: store(32),
      },
    });
  });
  afterAll(() => scratch.remove());

  test("reads the machine each time, though the program subtracts equal expressions", () => {
    accesses.length = 0;
    const address = exports["address"]?.() as number; // a pointer
    cells.set(address, 5);
    expect(exports["twice"]?.()).toBe(0);
    expect(accesses).toEqual([
      ["load", 32, 5],
      ["load", 32, 5],
    ]);
  });

  test("is one load and one store for a change in place", () => {
    accesses.length = 0;
    expect(exports["increment"]?.()).toBe(6);
    expect(accesses).toEqual([
      ["load", 32, 5],
      ["store", 32, 6],
      ["load", 32, 6],
    ]);
  });

  test("accesses as many bits as the type has, and keeps the sign", () => {
    accesses.length = 0;
    expect(exports["halves"]?.(0x12345)).toBe(0x2345);
    expect(exports["bytes"]?.(0x1ff)).toBe(0xff);
    expect(exports["negative"]?.(-3)).toBe(1);
    expect(accesses.map(([kind, bits]) => [kind, bits])).toEqual([
      ["store", 16],
      ["load", 16],
      ["store", 8],
      ["load", 8],
      ["store", 32],
      ["load", 32],
    ]);
  });
});
