import { beforeEach, describe, expect, it } from "vitest";
import { i, r, type Line } from "../../../test/assemble.ts";
import { Guest } from "../../../test/guest.ts";

let guest: Guest;
beforeEach(() => {
  guest = new Guest();
});

const EFER = 0xc0000080 | 0;
const write = (number: number, high: number, low: number): Line[] => [
  ["mov", r("ecx"), i(number)],
  ["mov", r("edx"), i(high)],
  ["mov", r("eax"), i(low)],
  ["wrmsr"],
];
const read = (number: number): Line[] => [["mov", r("ecx"), i(number)], ["rdmsr"]];
const cpuid = (leaf: number): Line[] => [["mov", r("eax"), i(leaf)], ["cpuid"]];
const pair = (): string => `${guest.get("edx").toString(16)}:${guest.get("eax").toString(16)}`;

describe("model-specific registers", () => {
  it.each([
    ["APIC base", 0x1b, 0, 0xfee00900],
    ["PAT", 0x277, 0x70406, 0x70406],
    ["MTRR capabilities", 0xfe, 0, 0x508],
    ["machine check capabilities", 0x179, 0, 0],
  ])("%s after power-on", (_, number, high, low) => {
    expect(guest.execute(read(number)).vector).toBeUndefined();
    expect([guest.get("edx"), guest.get("eax")]).toEqual([high, low]);
  });

  it.each([
    ["a register that does not exist", 0x186, 0, 0],
    ["a reserved bit of EFER", EFER, 0, 1],
    ["a memory type that does not exist, in PAT", 0x277, 0, 2],
    ["a memory type that does not exist, in an MTRR", 0x250, 0, 3],
    ["a read-only register", 0xfe, 0, 0],
    ["address bits above 36", 0x200, 0x10, 6],
    ["a reserved bit of the APIC base", 0x1b, 0, 0xfee00901 | 0],
  ])("writing %s raises #GP(0)", (_, number, high, low) => {
    expect(guest.execute(write(number, high, low))).toMatchObject({ vector: 13, error: 0 });
  });

  it("keep what is written", () => {
    guest.execute([...write(0x200, 0, 0x80000006 | 0), ...write(0x2ff, 0, 0xc06), ...read(0x200)]);
    expect(pair()).toBe("0:80000006");
  });

  it("the microcode's revision appears when CPUID leaf 1 is read", () => {
    guest.execute([...write(0x8b, 0, 0), ...cpuid(1), ...read(0x8b)]);
    expect(pair()).toBe("1:0");
  });

  it("hiding execute disable takes NX out of CPUID and NXE out of EFER", () => {
    guest.execute([...write(0x1a0, 4, 0), ...cpuid(0x80000001 | 0)]);
    expect(guest.get("edx") & (1 << 20)).toBe(0);
    expect(guest.execute(write(EFER, 0, 0x800))).toMatchObject({ vector: 13 });
  });
});

describe("CPUID", () => {
  it("names vendor, family and brand, and answers beyond its leaves as the highest one", () => {
    guest.execute(cpuid(0));
    expect([guest.get("eax"), guest.get("ebx"), guest.get("edx"), guest.get("ecx")]).toEqual([2, 0x756e6547, 0x49656e69, 0x6c65746e]);
    guest.execute(cpuid(1));
    expect(guest.get("eax")).toBe(0x6d8);
    guest.execute(cpuid(2));
    const caches = pair();
    guest.execute(cpuid(0x20));
    expect(pair()).toBe(caches);
    let brand = "";
    for (const leaf of [0x80000002, 0x80000003, 0x80000004]) {
      guest.execute(cpuid(leaf | 0));
      for (const name of ["eax", "ebx", "ecx", "edx"] as const)
        brand += String.fromCharCode(...[0, 8, 16, 24].map((shift) => (guest.get(name) >>> shift) & 0xff));
    }
    expect(brand.trim().replace("\0", "")).toBe("Mercury IA-32 processor, Pentium M class");
  });
  it("tells a local APIC only where the bus has one", () => {
    guest.execute(cpuid(1));
    expect(guest.get("edx") & 0x200).toBe(0);
  });
});
