import { describe, expect, test } from "vitest";
import { encode } from "./encode.ts";
import type { EncodeOptions } from "./encoded.ts";
import { EncodeError } from "./errors.ts";
import type { Mnemonic } from "../tables/mnemonic.ts";
import type { MemoryOperand, Operand } from "./operand.ts";
import type { Register } from "./register.ts";

const reg = (register: Register): Operand => ({ kind: "register", register });
const imm = (value: number): Operand => ({ kind: "immediate", value });
const mem = (parts: Omit<MemoryOperand, "kind">): Operand => ({ kind: "memory", ...parts });
const rel = (size: 8 | 16 | 32, displacement: number): Operand => ({ kind: "relative", size, displacement });

const hex = (mnemonic: Mnemonic, operands: readonly Operand[] = [], options?: EncodeOptions): string =>
  Buffer.from(encode(mnemonic, operands, options).bytes).toString("hex");

describe("forms", () => {
  test("a small constant takes the sign-extended byte, unless a field for any value is asked for", () => {
    expect(hex("add", [reg("eax"), imm(1)])).toBe("83c001");
    expect(hex("add", [reg("eax"), imm(1)], { shortest: false })).toBe("0501000000");
    expect(hex("add", [reg("ecx"), imm(1)], { shortest: false })).toBe("81c101000000");
    expect(hex("add", [reg("eax"), imm(0xffff_fffe)])).toBe("83c0fe");
    expect(hex("add", [reg("ax"), imm(0xfffe)])).toBe("6683c0fe");
    expect(hex("shl", [reg("eax"), imm(1)])).toBe("d1e0");
    expect(hex("shl", [reg("eax"), imm(1)], { shortest: false })).toBe("c1e001");
  });

  test("names without a size follow the code segment; names with one do not", () => {
    expect(hex("iret")).toBe("cf");
    expect(hex("iretd", [], { bits: 16 })).toBe("66cf");
    expect(hex("iretw")).toBe("66cf");
    expect(hex("pushf", [], { operandSize: 16 })).toBe("669c");
    expect(hex("movsw")).toBe("66a5");
    expect(hex("movsd", [], { repeat: "rep" })).toBe("f3a5");
    expect(hex("jcxz", [rel(8, 0)])).toBe("67e300");
    expect(hex("cbw")).toBe("6698");
  });

  test("synonyms", () => {
    expect(hex("jz", [rel(8, -2)])).toBe(hex("je", [rel(8, -2)]));
    expect(hex("setnae", [reg("cl")])).toBe(hex("setb", [reg("cl")]));
    expect(hex("sal", [reg("eax"), reg("cl")])).toBe("d3e0");
  });

  test("far pointers", () => {
    expect(hex("jmpf", [{ kind: "far", selector: 8, offset: 0x10_0000 }])).toBe("ea000010000800");
    expect(hex("callf", [mem({ base: "eax" })])).toBe("ff18");
    expect(hex("lss", [reg("esp"), mem({ displacement: 0x1000 })])).toBe("0fb22500100000");
  });

  test("system registers and tables", () => {
    expect(hex("mov", [reg("cr3"), reg("eax")])).toBe("0f22d8");
    expect(hex("mov", [reg("ebx"), reg("dr6")])).toBe("0f21f3");
    expect(hex("mov", [reg("ds"), reg("eax")])).toBe("8ed8");
    expect(hex("mov", [reg("ds"), reg("ax")])).toBe("8ed8");
    expect(hex("mov", [mem({ base: "esp" }), reg("fs")])).toBe("8c2424");
    expect(hex("lgdt", [mem({ base: "eax" })])).toBe("0f0110");
    expect(hex("invlpg", [mem({ base: "ecx" })])).toBe("0f0139");
    expect(hex("ltr", [reg("eax")])).toBe("0f00d8");
  });

  test("XCHG and TEST take their operands in either order", () => {
    expect(hex("xchg", [mem({ base: "ebx" }), reg("ecx")])).toBe("870b");
    expect(hex("xchg", [reg("ecx"), mem({ base: "ebx" })])).toBe("870b");
    expect(hex("test", [reg("ecx"), mem({ base: "ebx" })])).toBe("850b");
  });
});

describe("prefixes", () => {
  test("ignored prefixes come first and verbatim", () => {
    expect(hex("cli", [], { ignoredPrefixes: [0x2e, 0x2e] })).toBe("2e2efa");
    expect(hex("mov", [reg("eax"), mem({ base: "ebx" })], { ignoredPrefixes: [0x3e] })).toBe("3e8b03");
  });

  test("a segment is written if it is not the default one", () => {
    expect(hex("mov", [reg("eax"), mem({ segment: "ds", base: "ebx" })])).toBe("8b03");
    expect(hex("mov", [reg("eax"), mem({ segment: "ss", base: "esp" })])).toBe("8b0424");
    expect(hex("mov", [reg("ecx"), mem({ segment: "ds", base: "ebp" })])).toBe("3e8b4d00");
    expect(hex("mov", [reg("ecx"), mem({ segment: "gs", displacement: 0 })])).toBe("658b0d00000000");
  });

  test("lock", () => {
    expect(hex("cmpxchg", [mem({ base: "edx" }), reg("ecx")], { lock: true })).toBe("f00fb10a");
    expect(() => encode("cmpxchg", [reg("edx"), reg("ecx")], { lock: true })).toThrow(EncodeError);
    expect(() => encode("mov", [mem({ base: "edx" }), reg("ecx")], { lock: true })).toThrow(/LOCK/);
  });
});

describe("addresses", () => {
  const load = (parts: Omit<MemoryOperand, "kind">, options?: EncodeOptions): string => hex("mov", [reg("ecx"), mem(parts)], options);

  test("32 bits", () => {
    expect(load({ base: "ebp" })).toBe("8b4d00");
    expect(load({ base: "esp", displacement: 4 })).toBe("8b4c2404");
    expect(load({ index: "eax", scale: 4, displacement: 8 })).toBe("8b0c8508000000");
    expect(load({ base: "eax", index: "ebp", scale: 8 })).toBe("8b0ce8");
    expect(load({ base: "eax", displacement: 0xffff_ffff })).toBe("8b48ff");
    expect(load({ base: "eax", displacement: 1, displacementSize: 32 })).toBe("8b8801000000");
    expect(load({ base: "eax", displacement: 0, displacementSize: 8 })).toBe("8b4800");
  });

  test("16 bits", () => {
    expect(load({ base: "bx", index: "si" })).toBe("678b08");
    expect(load({ base: "bp" }, { bits: 16 })).toBe("668b4e00");
    expect(hex("mov", [reg("cx"), mem({ displacement: 0x8000 })], { bits: 16 })).toBe("8b0e0080");
  });

  test("what no ModRM can say", () => {
    expect(() => load({ index: "esp" })).toThrow(/esp cannot be an index/);
    expect(() => load({ base: "ax" })).toThrow(/no 16-bit address/);
    expect(() => load({ base: "eax", index: "si" })).toThrow(/cannot be part of a 32-bit address/);
    expect(() => load({ base: "eax", displacement: 128, displacementSize: 8 })).toThrow(/128/);
    expect(() => load({ base: "ebp", displacementSize: 0 })).toThrow(EncodeError);
    expect(() => load({ base: "eax", displacement: 2 ** 32 })).toThrow(/32 bits/);
  });
});

describe("fields for relocation", () => {
  test("displacement and immediate", () => {
    const encoded = encode("mov", [mem({ size: 32, base: "ebx", displacement: 0x1000 }), imm(5)], { ignoredPrefixes: [0x2e] });
    expect(encoded).toMatchObject({ displacement: { offset: 3, size: 4 }, immediate: { offset: 7, size: 4 } });
  });

  test("absolute addresses, branch targets, far offsets", () => {
    expect(encode("mov", [reg("eax"), mem({ displacement: 0 })])).toMatchObject({ displacement: { offset: 1, size: 4 } });
    expect(encode("je", [rel(32, 0)])).toMatchObject({ immediate: { offset: 2, size: 4 } });
    expect(encode("jmpf", [{ kind: "far", selector: 8, offset: 0 }])).toMatchObject({ immediate: { offset: 1, size: 4 } });
    expect(encode("push", [imm(5)], { shortest: false })).toMatchObject({ immediate: { offset: 1, size: 4 } });
  });

  test("none where there is none", () => {
    expect(Object.keys(encode("mov", [reg("eax"), reg("ebx")]))).toEqual(["bytes"]);
  });

  test("without the shortest form a displacement has room for any value", () => {
    const encoded = encode("mov", [reg("ecx"), mem({ base: "ebx", displacement: 0 })], { shortest: false });
    expect(encoded).toMatchObject({ displacement: { offset: 2, size: 4 } });
  });
});

describe("refusals", () => {
  test.each<readonly [Mnemonic, readonly Operand[]]>([
    ["mov", [reg("al"), imm(256)]],
    ["mov", [reg("ax"), imm(-32769)]],
    ["mov", [reg("eax"), imm(2 ** 32)]],
    ["mov", [reg("eax"), imm(0.5)]],
    ["mov", [reg("eax"), reg("bx")]],
    ["mov", [reg("cs"), reg("ax")]],
    ["mov", [reg("cr1"), reg("eax")]],
    ["mov", [mem({ base: "eax" }), imm(1)]],
    ["movzx", [reg("eax"), mem({ base: "eax" })]],
    ["lea", [reg("eax"), reg("ebx")]],
    ["jmp", [rel(8, 128)]],
    ["pop", [reg("cs")]],
    ["nop", [reg("al")]],
    ["in", [reg("bl"), reg("dx")]],
    ["shl", [reg("eax"), reg("ecx")]],
  ])("%s %j", (mnemonic, operands) => {
    expect(() => encode(mnemonic, operands)).toThrow(EncodeError);
  });

  test("the message lists the forms", () => {
    expect(() => encode("lea", [reg("eax"), reg("ebx")])).toThrow("no form of lea takes (eax, ebx); there are: Gv,M");
  });

  test("more than 15 bytes", () => {
    const prefixes = Array.from({ length: 14 }, () => 0x2e);
    expect(hex("cli", [], { ignoredPrefixes: prefixes }).length).toBe(30);
    expect(() => encode("cli", [], { ignoredPrefixes: [...prefixes, 0x2e] })).toThrow(/15 are the most/);
  });

  test("rep where it means nothing", () => {
    expect(() => encode("add", [reg("eax"), imm(1)], { repeat: "rep" })).toThrow(EncodeError);
    expect(() => encode("movsb", [], { repeat: "repne" })).toThrow(EncodeError);
    expect(hex("scasb", [], { repeat: "repne" })).toBe("f2ae");
  });
});
