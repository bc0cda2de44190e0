import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode } from "./decode.ts";
import type { Instruction, Undecodable } from "./instruction.ts";

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));

function decoded(hex: string, bits: 16 | 32 = 32): Instruction {
  const result = decode(bytesOf(hex), 0, bits);
  if (!result.ok) throw new Error(`${hex} is ${result.reason}`);
  return result;
}

function refused(hex: string, bits: 16 | 32 = 32): Undecodable["reason"] | "instruction" {
  const result = decode(bytesOf(hex), 0, bits);
  return result.ok ? "instruction" : result.reason;
}

describe("fields", () => {
  test("prefixes: the last of a kind counts", () => {
    const add = decoded("2e 64 f0 66 01 58 10");
    expect(add).toMatchObject({ length: 7, lock: true, operandSize: 16, segmentOverride: 4, segment: 4 });
    expect(decoded("f2 f3 a4")).toMatchObject({ repeat: "rep" });
    expect(decoded("f3 f2 a6")).toMatchObject({ repeat: "repne" });
  });

  test("SIB with base, index, scale and displacement", () => {
    expect(decoded("8b 84 91 00 00 00 80")).toMatchObject({ mod: 2, reg: 0, base: 1, index: 2, scale: 4, displacement: -0x8000_0000 });
  });

  test("the stack segment goes with ESP and EBP as base, not as index", () => {
    expect(decoded("8b 04 24").segment).toBe(2);
    expect(decoded("8b 45 00").segment).toBe(2);
    expect(decoded("8b 04 6b")).toMatchObject({ index: 5, segment: 3 });
    expect(decoded("8b 04 6d 00 00 00 00")).toMatchObject({ base: -1, index: 5, segment: 3 });
    expect(decoded("3e 8b 45 00").segment).toBe(3);
  });

  test("16-bit addresses", () => {
    expect(decoded("8b 42 fe", 16)).toMatchObject({ addressSize: 16, base: 5, index: 6, displacement: -2, segment: 2, operandSize: 16 });
    expect(decoded("67 8b 06 34 f2")).toMatchObject({ addressSize: 16, base: -1, index: -1, displacement: 0xf234, operandSize: 32 });
    expect(decoded("8b 87 00 80", 16)).toMatchObject({ base: 3, index: -1, displacement: -0x8000, segment: 3 });
  });

  test("immediates: sign-extended, but for Ib and Iw", () => {
    expect(decoded("83 c0 ff").immediate).toBe(-1);
    expect(decoded("6a 80").immediate).toBe(-128);
    expect(decoded("b0 ff").immediate).toBe(255);
    expect(decoded("c2 fc ff").immediate).toBe(0xfffc);
    expect(decoded("66 b8 ff ff").immediate).toBe(-1);
    expect(decoded("b8 ff ff ff 7f").immediate).toBe(0x7fff_ffff);
    expect(decoded("eb fe").immediate).toBe(-2);
  });

  test("two immediates: ENTER and far pointers", () => {
    expect(decoded("c8 10 00 03")).toMatchObject({ immediate: 16, immediate2: 3, length: 4 });
    expect(decoded("9a 78 56 34 12 08 00")).toMatchObject({ immediate: 0x1234_5678, immediate2: 8, length: 7 });
    expect(decoded("66 ea 34 f2 08 00")).toMatchObject({ immediate: 0xf234, immediate2: 8, length: 6 });
  });

  test("MOV by absolute address has a memory operand without ModRM", () => {
    expect(decoded("64 a1 10 00 00 00")).toMatchObject({ memory: true, displacement: 16, segment: 4, immediate: 0 });
  });

  test("a register in the opcode is in reg", () => {
    expect(decoded("57")).toMatchObject({ reg: 7, memory: false, mod: 3 });
    expect(decoded("0f cb")).toMatchObject({ reg: 3 });
  });

  test("MOV CR takes mod as 3", () => {
    expect(decoded("0f 22 18")).toMatchObject({ mod: 3, reg: 3, rm: 0, memory: false, length: 3 });
  });

  test("PAUSE is NOP with F3, and NOP is not XCHG", () => {
    expect(decoded("f3 90").row.mnemonic).toBe("pause");
    expect(decoded("90").row.mnemonic).toBe("nop");
    expect(decoded("f2 90").row.mnemonic).toBe("nop");
    expect(decoded("91").row.mnemonic).toBe("xchg");
  });
});

describe("refusals", () => {
  test("15 bytes are the most", () => {
    expect(decoded("2e".repeat(5) + "81 05 00 00 00 00 00 00 00 00").length).toBe(15);
    expect(refused("2e".repeat(6) + "81 05 00 00 00 00 00 00 00 00")).toBe("too-long");
    expect(refused("66".repeat(15) + "90")).toBe("too-long");
    expect(refused("66".repeat(40))).toBe("too-long");
    expect(decoded("66".repeat(14) + "90").length).toBe(15);
  });

  test("what ends too early may still become an instruction", () => {
    expect(refused("")).toBe("truncated");
    expect(refused("66 66")).toBe("truncated");
    expect(refused("0f")).toBe("truncated");
    expect(refused("81")).toBe("truncated");
    expect(refused("66".repeat(14))).toBe("truncated");
    expect(refused("e9 00 00 00")).toBe("truncated");
  });

  test("LOCK only before a read-modify-write of memory", () => {
    expect(refused("f0 01 00")).toBe("instruction");
    expect(refused("f0 01 c0")).toBe("lock");
    expect(refused("f0 03 00")).toBe("lock");
    expect(refused("f0 90")).toBe("lock");
    expect(refused("f0 0f c7 08")).toBe("instruction");
    expect(refused("f0 a1 00 00 00 00")).toBe("lock");
  });

  test("forms for memory only, and registers that do not exist", () => {
    for (const hex of ["8d c0", "0f c7 c8", "c5 c0", "62 c0", "0f 01 f8", "0f 01 d0", "ff d8", "ff e8", "0f b2 c0"]) {
      expect(refused(hex), hex).toBe("undefined");
    }
    for (const hex of ["8e c8", "8e f0", "8c f8", "0f 22 c8", "0f 20 e8", "ff f8", "fe d0", "8f c8", "c6 c8", "0f ba c0"]) {
      expect(refused(hex), hex).toBe("undefined");
    }
  });

  test("a prefix makes another instruction of an MMX or SSE opcode, or none", () => {
    expect(["0f 58 c1", "66 0f 58 c1", "f3 0f 58 c1", "f2 0f 58 c1"].map((hex) => decoded(hex).row.mnemonic)).toEqual([
      "addps",
      "addpd",
      "addss",
      "addsd",
    ]);
    expect(decoded("66 f2 0f 58 c1").row.mnemonic).toBe("addsd");
    expect(decoded("f3 f2 0f 58 c1").row.mnemonic).toBe("addsd");
    for (const hex of ["f2 0f 28 c1", "f3 0f fc c1", "66 0f 77", "f3 0f c3 00", "66 0f 12 c1", "0f e7 c1"]) {
      expect(refused(hex), hex).toBe("undefined");
    }
  });

  test("SSE3 is not there", () => {
    for (const hex of ["f2 0f 12 c1", "f2 0f f0 00", "66 0f 7c c1", "0f 38 00 c1"]) expect(refused(hex), hex).toBe("undefined");
  });

  test("an array is read from the given byte on", () => {
    const code = bytesOf("90 90 b8 01 02 03 04");
    expect(decode(code, 2, 32)).toMatchObject({ ok: true, length: 5, immediate: 0x0403_0201 });
    expect(decode(code, 7, 32)).toMatchObject({ ok: false, reason: "truncated", length: 0 });
  });
});

describe("properties", () => {
  const code = fc.uint8Array({ minLength: 0, maxLength: 24 });
  const size = fc.constantFrom(16 as const, 32 as const);

  test("any bytes are an instruction of at most 15 bytes or are refused", () => {
    fc.assert(
      fc.property(code, size, (bytes, bits) => {
        const result = decode(bytes, 0, bits);
        expect(result.length).toBeLessThanOrEqual(Math.min(bytes.length, result.ok ? 15 : 16));
        if (result.ok) expect(result.length).toBeGreaterThan(0);
      }),
      { numRuns: 20_000 },
    );
  });

  test("what follows an instruction does not change it, and no part of it is an instruction", () => {
    fc.assert(
      fc.property(code, size, (bytes, bits) => {
        const whole = decode(bytes, 0, bits);
        if (!whole.ok) return;
        expect(decode(bytes.slice(0, whole.length), 0, bits)).toEqual(whole);
        for (let length = 0; length < whole.length; length++) {
          expect(decode(bytes.slice(0, length), 0, bits)).toMatchObject({ ok: false, reason: "truncated" });
        }
      }),
      { numRuns: 5000 },
    );
  });
});
