import { expect, test } from "vitest";
import { rows } from "./rows.ts";
import { isSensitive, sensitiveForm } from "./sensitive.ts";

const mnemonicsOf = (detect: (row: (typeof rows)[number]) => boolean): string[] =>
  [...new Set(rows.filter(detect).map(({ mnemonic }) => mnemonic))].toSorted();

test("privileged instructions are those of SDM 3A 5.9", () => {
  expect(mnemonicsOf(({ privilege }) => privilege === "cpl0")).toEqual([
    "clts",
    "hlt",
    "invd",
    "invlpg",
    "lgdt",
    "lidt",
    "lldt",
    "lmsw",
    "ltr",
    "mov",
    "rdmsr",
    "sysexit",
    "wbinvd",
    "wrmsr",
  ]);
});

test("instructions that need an I/O privilege level", () => {
  expect(mnemonicsOf(({ privilege }) => privilege === "iopl")).toEqual(["cli", "sti"]);
  expect(mnemonicsOf(({ privilege }) => privilege === "io")).toEqual(["in", "insb", "insd", "out", "outsb", "outsd"]);
});

test("instructions that every ring may execute, but that tell the rings apart", () => {
  expect(mnemonicsOf((row) => row.privilege === "any" && isSensitive(row))).toEqual([
    "callf",
    "int",
    "int1",
    "int3",
    "into",
    "iret",
    "jmpf",
    "lar",
    "lds",
    "les",
    "lfs",
    "lgs",
    "lsl",
    "lss",
    "mov",
    "pop",
    "popf",
    "push",
    "pushf",
    "retf",
    "sgdt",
    "sidt",
    "sldt",
    "smsw",
    "str",
    "sysenter",
    "verr",
    "verw",
  ]);
});

test("of MOV, PUSH and POP only the forms with a segment register, and MOV with a control or debug register", () => {
  const sensitive = rows.filter((row) => /^(mov|push|pop)$/.test(row.mnemonic) && isSensitive(row));
  const special = rows.filter(
    (row) => /^(mov|push|pop)$/.test(row.mnemonic) && row.operands.some(({ code }) => /^([ECDSFG]S|S[a-z]|Cd|Dd)$/.test(code)),
  );
  expect(sensitive).toEqual(special);
});

test("the harmless are not listed", () => {
  for (const mnemonic of ["add", "cpuid", "rdtsc", "arpl", "call", "ret", "lea", "cld"]) {
    expect(
      rows.filter((row) => row.mnemonic === mnemonic && sensitiveForm(row) !== undefined),
      mnemonic,
    ).toEqual([]);
  }
});
